import { ConfigurationError } from '@entra-guard/core';
import type { ModulesContainer } from '@nestjs/core';
import {
  classDeclarations,
  declaredMethods,
  declaringPrototype,
  lineage,
  methodDeclarations,
  prototypeOf,
} from '../handlers/declarations.js';
import { controllersOf, type Handler, isHandler, providerClasses } from '../handlers/handler-inventory.js';

/** Finds the declarations that no handler is reached by, each as the error that says so. */
export function lostDeclarations(
  modules: ModulesContainer,
  handlers: readonly Handler[],
): readonly ConfigurationError[] {
  return [
    ...[...controllersOf(modules)].flatMap((controller) => lostOnController(controller, handlers)),
    ...[...providerClasses(modules)].flatMap((provider) => lostOnProvider(provider, handlers)),
  ];
}

function lostOnController(controller: Function, handlers: readonly Handler[]): ConfigurationError[] {
  const classes = lineage(controller);
  const onClass = classes.flatMap(classDeclarations)[0];
  const lost = classes.flatMap((owner) =>
    declaredMethods(owner).flatMap((method) => lostOnMethod(controller, owner, method, handlers)),
  );
  if (onClass === undefined || handlers.some((handler) => handler.controller === controller)) return lost;
  return [
    ...lost,
    new ConfigurationError(
      `${onClass.by} on class ${controller.name} would be lost: the controller has no handler.`,
      'Remove it, or put it on the controller whose handlers it is about.',
    ),
  ];
}

function lostOnMethod(
  controller: Function,
  owner: Function,
  method: string,
  handlers: readonly Handler[],
): ConfigurationError[] {
  const holder = declaringPrototype(controller, method);
  const by = methodDeclarations(prototypeOf(owner), method)[0]?.by ?? '';
  if (holder === prototypeOf(owner)) {
    if (isHandler(controller, method)) return [];
    const { made, missed } = handlersMadeOf(controller, method, handlers);
    if (made.length > 0 && missed.length === 0) return [];
    const lost =
      missed.length > 0
        ? `${by} on ${controller.name}.${method} does not reach ${missed.join(', ')}.`
        : `${by} on ${controller.name}.${method} would be lost: the method has no route.`;
    return [
      new ConfigurationError(
        lost,
        'Put it on a handler. If it has a route decorator, or one that makes several handlers of a method, a decorator above that one wraps the method, or comes too late for what was made: move the route decorator to the top.',
      ),
    ];
  }
  const declaredAgain = holder === undefined || methodDeclarations(holder, method).length > 0;
  if (declaredAgain || !isHandler(controller, method)) return [];
  return [
    new ConfigurationError(
      `${controller.name}.${method} overrides ${owner.name}.${method}, whose ${by} would be lost.`,
      `Declare again on ${controller.name}.${method} what it requires.`,
    ),
  ];
}

/** What a decorator has made of a method that is not a handler itself: those that its declarations have reached, and not. */
function handlersMadeOf(controller: Function, method: string, handlers: readonly Handler[]) {
  const declarations = methodDeclarations(prototypeOf(controller), method);
  const own = handlers.filter((handler) => handler.controller === controller);
  const isMade = ({ method: name }: Handler): boolean => {
    const holder = declaringPrototype(controller, name);
    const reached = holder === undefined ? [] : methodDeclarations(holder, name);
    return declarations.length > 0 && declarations.every((declaration) => reached.includes(declaration));
  };
  return {
    made: own.filter(isMade),
    // ts-rest and its like name what they make after the method.
    missed: own
      .filter((handler) => handler.method.startsWith(`${method}_`) && !isMade(handler))
      .map(({ name }) => name),
  };
}

/** On a provider, a declaration has to be about a resolver's field or a gateway's message. */
function lostOnProvider(provider: Function, handlers: readonly Handler[]): ConfigurationError[] {
  if (handlers.some((handler) => handler.controller === provider)) {
    return lineage(provider).flatMap((owner) =>
      declaredMethods(owner).flatMap((method) => lostOnMethod(provider, owner, method, handlers)),
    );
  }
  const classes = lineage(provider);
  const onClass = classes.flatMap(classDeclarations)[0];
  const method = classes.flatMap(declaredMethods)[0];
  if (onClass === undefined && method === undefined) return [];
  const onMethod = classes.flatMap((owner) =>
    method ? methodDeclarations(prototypeOf(owner), method) : [],
  )[0];
  const by = (onClass ?? onMethod)?.by ?? '';
  const place = onClass ? `class ${provider.name}` : `${provider.name}.${method}`;
  return [
    new ConfigurationError(
      `${by} on ${place} would be lost: ${provider.name} is a provider, not a controller, resolver or gateway.`,
      'In a service, a scheduled job or a queue processor no guard runs: call authorize(requirement, auth) with the caller that it works for.',
    ),
  ];
}
