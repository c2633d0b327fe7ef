import { ConfigurationError } from '@entra-guard/core';
import {
  classDeclarations,
  declaringPrototype,
  lineage,
  methodDeclarations,
} from '../handlers/declarations.js';
import type { Handler } from '../handlers/handler-inventory.js';
import { type Assignment, reaches } from '../handlers/handler-requirements.js';

/** Finds the entries of the option `handlers` that match no handler, or one that is decorated as well. */
export function misplacedEntries(
  entries: readonly Assignment[],
  handlers: readonly Handler[],
): readonly ConfigurationError[] {
  return entries.flatMap((entry) => misplaced(entry, handlers));
}

function misplaced(entry: Assignment, handlers: readonly Handler[]): ConfigurationError[] {
  const reached = handlers.filter(
    ({ controller, method }) =>
      reaches(entry, controller) && (entry.method === undefined || entry.method === method),
  );
  if (reached.length === 0) {
    return [
      new ConfigurationError(
        `${entry.name} matches no handler: ${entry.controller.name} ${entry.method === undefined ? 'is not a controller of this application, or has no handler' : `has no handler '${entry.method}' in this application`}.`,
        'Remove the entry, or name the controller and method that the application has.',
      ),
    ];
  }
  const decorated = reached.find(({ controller, method }) => {
    const holder = declaringPrototype(controller, method);
    const onMethod = holder === undefined ? [] : methodDeclarations(holder, method);
    return onMethod.length > 0 || lineage(controller).some((owner) => classDeclarations(owner).length > 0);
  });
  if (decorated === undefined) return [];
  return [
    new ConfigurationError(
      `${entry.name} is about ${decorated.name}, which is decorated as well.`,
      'Say it in one place: in handlers for controllers that you can not decorate, on the controller for all others.',
    ),
  ];
}
