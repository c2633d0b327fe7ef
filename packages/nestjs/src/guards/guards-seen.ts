import 'reflect-metadata';
import { APP_GUARD, type ModulesContainer } from '@nestjs/core';
import { EntraGuard } from '../entra-guard.guard.js';
import { applicationConfig } from '../handlers/application-config.js';
import { lineage, prototypeOf } from '../handlers/declarations.js';
import { functionOf, type Handler } from '../handlers/handler-inventory.js';

/** Nest's own metadata key of `@UseGuards`. */
export const GUARDS = '__guards__';

/** What `@UseGuards` has put on a class or a function. */
export function guardsOn(target: object): readonly unknown[] {
  const guards: unknown = Reflect.getMetadata(GUARDS, target);
  return Array.isArray(guards) ? guards.filter((guard) => guard !== null && guard !== undefined) : [];
}

/**
 * Tells whether the application's guard stands on a function that handles calls, or on its class.
 *
 * @param guard the option `guard`: an `EntraGuard` in its place would decide without what the application added
 */
export function standsOn(
  modules: ModulesContainer,
  guard: Function = EntraGuard,
): (controller: Function, callback: Function | undefined, type: string) => boolean {
  const isGuard = (found: unknown): boolean => {
    const type = typeOf(found);
    return typeof type === 'function' && (type === guard || type.prototype instanceof guard);
  };
  return (controller, callback, type) => {
    const found = [...guardsOn(controller), ...(callback === undefined ? [] : guardsOn(callback))].filter(
      isGuard,
    );
    // Gateways exist once, and so do their guards: one that is made for each request judges nothing there.
    return found.some(
      (one) => isMade(modules, controller, one) && (type !== 'ws' || livesAsLong(modules, one)),
    );
  };
}

/** Tells whether the application's guard stands on a handler or on its class. */
export function guardedItself(
  modules: ModulesContainer,
  guard: Function = EntraGuard,
): (handler: Handler) => boolean {
  const on = standsOn(modules, guard);
  return ({ controller, method, type }) => on(controller, functionOf(prototypeOf(controller), method), type);
}

/** Guards that say nothing about who calls. */
const NOT_ABOUT_CALLERS: ReadonlySet<unknown> = new Set(['ThrottlerGuard']);

/** On the class of the guard that decorators attach, from whichever copy of the package. */
export const ATTACHED: unique symbol = Symbol.for('entra-guard/nestjs/attached') as never;

/**
 * Gives the names of the guards of others that stand in front of a handler: on it, on its class, and for HTTP and GraphQL those
 * for the whole application. They may decide who calls, and are not judged here. Guards that only count requests are left out.
 */
export function otherGuards(modules: ModulesContainer): (handler: Handler) => readonly string[] {
  const global = namesOf([...providedForAll(modules), ...globalGuards(modules)]);
  return ({ controller, method, type }) => {
    const callback = functionOf(prototypeOf(controller), method);
    const own = namesOf([...guardsOn(controller), ...(callback === undefined ? [] : guardsOn(callback))]);
    return [...new Set([...(type === 'http' || type === 'graphql' ? global : []), ...own])];
  };
}

/** What is provided as `APP_GUARD`: in a preview the class only, or nothing where a function would have to be called. */
function providedForAll(modules: ModulesContainer): readonly unknown[] {
  return [...modules.values()]
    .flatMap(({ providers }) => [...providers.values()])
    .filter(({ token }) => String(token).startsWith(APP_GUARD))
    .map(({ instance, metatype, inject, isAlias }) => {
      if (instance !== undefined && instance !== null) return instance as unknown;
      return isAlias === true ? inject?.[0] : metatype;
    });
}

function namesOf(guards: readonly unknown[]): readonly string[] {
  return guards.flatMap((guard) => {
    if (guard === undefined || guard === null) return [];
    const type = typeOf(guard);
    if (typeof type !== 'function') return ['a guard without a class'];
    // A factory, or what Nest aliases by: which guard it gives is not known.
    if (typeof type.prototype !== 'object') return [];
    const line = lineage(type);
    const isNone = line.some(
      (one) => one === EntraGuard || Object.hasOwn(one, ATTACHED) || NOT_ABOUT_CALLERS.has(one.name),
    );
    return isNone ? [] : [nameOf(type)];
  });
}

/** NestJS gives what `mixin` makes a random name, and @nestjs/passport makes its guards so. */
function nameOf(type: Function): string {
  const ofPassport = ['handleRequest', 'getAuthenticateOptions', 'logIn'].every(
    (method) => functionOf(prototypeOf(type), method) !== undefined,
  );
  if (!/^[\w-]{21}$/.test(type.name)) return type.name;
  return ofPassport ? 'AuthGuard of @nestjs/passport' : 'a mixin';
}

/**
 * The `EntraGuard`s that are installed for the whole application: by `APP_GUARD`, ours among them, or by
 * `app.useGlobalGuards`.
 */
export function guardsOfApplication(modules: ModulesContainer): readonly EntraGuard[] {
  const provided = [...modules.values()].flatMap((module) =>
    [...module.providers.values()].flatMap((wrapper) =>
      // Nest adds an ID to each token: `APP_GUARD (UUID: …)`. One that is made for each request is not run everywhere.
      String(wrapper.token).startsWith(APP_GUARD) &&
      wrapper.instance instanceof EntraGuard &&
      wrapper.isDependencyTreeStatic()
        ? [wrapper.instance]
        : [],
    ),
  );
  const used = globalGuards(modules).filter((guard) => guard instanceof EntraGuard);
  return [...new Set([...provided, ...used])];
}

/** Whether an `EntraGuard` is installed for the whole application, by `APP_GUARD` or `useGlobalGuards`. */
export function installedByApplication(modules: ModulesContainer): boolean {
  return guardsOfApplication(modules).length > 0;
}

function globalGuards(modules: ModulesContainer): readonly unknown[] {
  const config = applicationConfig(modules);
  const guards: unknown = config.getGlobalGuards?.() ?? [];
  const perRequest: unknown = config.getGlobalRequestGuards?.() ?? [];
  const classes = (perRequest as readonly { readonly metatype?: unknown }[]).map(({ metatype }) => metatype);
  return [...(Array.isArray(guards) ? guards : []), ...classes];
}

function typeOf(guard: unknown): unknown {
  return typeof guard === 'function' ? guard : (guard as { readonly constructor: unknown }).constructor;
}

/** Whether Nest has made the guard that `@UseGuards` names: on what a factory gives it drops guards without a word. */
function isMade(modules: ModulesContainer, controller: Function, guard: unknown): boolean {
  if (typeof guard !== 'function') return true;
  const hosts = [...modules.values()].filter(({ controllers, providers }) =>
    [...controllers.values(), ...providers.values()].some(
      ({ metatype, instance }) =>
        metatype === controller ||
        (instance as { readonly constructor?: unknown } | null | undefined)?.constructor === controller,
    ),
  );
  return hosts.every(({ injectables }) => injectables.has(guard));
}

/** Whether a guard that `@UseGuards` names is made once, as the application is. */
function livesAsLong(modules: ModulesContainer, guard: unknown): boolean {
  if (typeof guard !== 'function') return true;
  const made = [...modules.values()].flatMap(({ injectables }) => injectables.get(guard) ?? []);
  return made.every((wrapper) => wrapper.isDependencyTreeStatic());
}
