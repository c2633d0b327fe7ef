import 'reflect-metadata';
import { APP_GUARD, type ModulesContainer } from '@nestjs/core';
import { prototypeOf } from './declarations.js';
import { EntraGuard } from './entra-guard.guard.js';
import { functionOf, type Handler } from './handler-inventory.js';

/** Nest's own metadata key of `@UseGuards`. */
const GUARDS = '__guards__';

/**
 * Tells whether the application's guard stands on a handler or on its class.
 *
 * @param guard the option `guard`: an `EntraGuard` in its place would decide without what the application added
 */
export function guardedItself(
  modules: ModulesContainer,
  guard: Function = EntraGuard,
): (handler: Handler) => boolean {
  const isGuard = (found: unknown): boolean => {
    const type =
      typeof found === 'function' ? found : (found as { readonly constructor: unknown }).constructor;
    return typeof type === 'function' && (type === guard || type.prototype instanceof guard);
  };
  return ({ controller, method, type }) => {
    const callback = functionOf(prototypeOf(controller), method);
    const found = [...guardsOn(controller), ...(callback === undefined ? [] : guardsOn(callback))].filter(
      isGuard,
    );
    // Gateways exist once, and so do their guards: one that is made for each request judges nothing there.
    return found.some((one) => type !== 'ws' || livesAsLongAs(modules, one));
  };
}

/** Whether the application has provided `APP_GUARD` with an `EntraGuard` by itself. */
export function installedByApplication(modules: ModulesContainer): boolean {
  return [...modules.values()].some((module) =>
    [...module.providers.values()].some(
      // Nest adds an ID to each token: `APP_GUARD (UUID: …)`. One that is made for each request is not run everywhere.
      (wrapper) =>
        String(wrapper.token).startsWith(APP_GUARD) &&
        wrapper.instance instanceof EntraGuard &&
        wrapper.isDependencyTreeStatic(),
    ),
  );
}

function guardsOn(target: Function): readonly unknown[] {
  const guards: unknown = Reflect.getMetadata(GUARDS, target);
  return Array.isArray(guards) ? guards.filter((guard) => guard !== null && guard !== undefined) : [];
}

/** Whether a guard that `@UseGuards` names is made once, as the application is. */
function livesAsLongAs(modules: ModulesContainer, guard: unknown): boolean {
  if (typeof guard !== 'function') return true;
  const made = [...modules.values()].flatMap(({ injectables }) => injectables.get(guard) ?? []);
  return made.every((wrapper) => wrapper.isDependencyTreeStatic());
}
