import 'reflect-metadata';
import { APP_GUARD, type ModulesContainer } from '@nestjs/core';
import { prototypeOf } from './declarations.js';
import { EntraGuard } from './entra-guard.guard.js';
import { functionOf, type Handler } from './handler-inventory.js';

/** Nest's own metadata key of `@UseGuards`. */
const GUARDS = '__guards__';

/** Whether an `EntraGuard` stands on the handler or on its class. */
export function guardedItself({ controller, method }: Handler): boolean {
  const callback = functionOf(prototypeOf(controller), method);
  return guardsOn(controller) || (callback !== undefined && guardsOn(callback));
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

function guardsOn(target: Function): boolean {
  const guards: unknown = Reflect.getMetadata(GUARDS, target);
  return Array.isArray(guards) && guards.some(isEntraGuard);
}

function isEntraGuard(guard: unknown): boolean {
  if (typeof guard !== 'function') return guard instanceof EntraGuard;
  return guard === EntraGuard || guard.prototype instanceof EntraGuard;
}
