import 'reflect-metadata';
import { type Anonymous, assertDecides, ConfigurationError, type Grant } from '@entra-guard/core';

/** What one decorator, or one entry of `handlers`, says about a class or a method. */
export type Declaration =
  | { readonly kind: 'require' | 'instead'; readonly by: string; readonly requirement: Grant }
  | { readonly kind: 'public'; readonly by: string; readonly requirement: Anonymous }
  | { readonly kind: 'optional'; readonly by: string };

const DECLARATIONS = 'entra-guard:declarations';

/** Reads a requirement that a decorator or an option was given. */
export function declarationOf(by: string, requirement: Grant | Anonymous): Declaration {
  if (isAnonymous(requirement)) return { kind: 'public', by, requirement };
  return { kind: 'require', by, requirement: grantOf(by, requirement) };
}

/** @throws ConfigurationError for a narrowing alone, and for a value that is not a requirement */
export function grantOf(by: string, requirement: Grant): Grant {
  assertDecides(by, requirement);
  if (isAnonymous(requirement)) {
    throw new ConfigurationError(`${by} was given anonymous().`, 'To open a handler write @Public().');
  }
  return requirement;
}

/** Puts a place in front of the message of a ConfigurationError; returns other errors unchanged. */
export function prefixed(place: string, error: unknown): unknown {
  if (!ConfigurationError.is(error)) return error;
  const placed = new ConfigurationError(`${place}: ${error.problem}`, error.hint);
  placed.cause = error.cause ?? error;
  return placed;
}

function isAnonymous(requirement: unknown): requirement is Anonymous {
  return (
    typeof requirement === 'object' &&
    requirement !== null &&
    'role' in requirement &&
    requirement.role === 'anonymous'
  );
}

/** Adds a declaration to what a class, a function, or a method of a class declares already. */
export function addDeclaration(declaration: Declaration, target: object, key?: string | symbol): void {
  const known = read(target, key);
  // Not pushed to the old list: a wrapper may share it with the function it wraps.
  if (key === undefined) Reflect.defineMetadata(DECLARATIONS, [...known, declaration], target);
  else Reflect.defineMetadata(DECLARATIONS, [...known, declaration], target, key);
}

function read(target: object, key?: string | symbol): readonly Declaration[] {
  const found: unknown =
    key === undefined
      ? Reflect.getOwnMetadata(DECLARATIONS, target)
      : Reflect.getOwnMetadata(DECLARATIONS, target, key);
  return (found ?? []) as readonly Declaration[];
}

/** A class and its base classes, the farthest first. */
export function lineage(controller: Function): readonly Function[] {
  const chain: Function[] = [];
  for (let current: unknown = controller; isClass(current); current = Object.getPrototypeOf(current))
    chain.unshift(current);
  return chain;
}

function isClass(value: unknown): value is Function {
  return typeof value === 'function' && typeof value.prototype === 'object' && value !== Function.prototype;
}

/** What is declared on this very class, base classes aside. */
export function classDeclarations(controller: Function): readonly Declaration[] {
  return read(controller);
}

/** What is declared on a function, in whichever class it has come to stand. */
export function functionDeclarations(callback: Function): readonly Declaration[] {
  return read(callback);
}

/** What is declared on this very prototype's method, overridden ones aside. */
export function methodDeclarations(prototype: object, method: string): readonly Declaration[] {
  const value: unknown = Object.getOwnPropertyDescriptor(prototype, method)?.value;
  const onFunction = typeof value === 'function' ? read(value) : [];
  return [...new Set([...read(prototype, method), ...onFunction])];
}

/** The prototype that holds the method a controller really has. */
export function declaringPrototype(controller: Function, method: string): object | undefined {
  const nearestFirst = [...lineage(controller)].reverse();
  return nearestFirst.map(prototypeOf).find((prototype) => Object.hasOwn(prototype, method));
}

/** A class's prototype, typed. */
export function prototypeOf(controller: Function): object {
  return controller.prototype as object;
}

/** Every method of this very class that carries a declaration. */
export function declaredMethods(controller: Function): readonly string[] {
  const prototype = prototypeOf(controller);
  return Object.getOwnPropertyNames(prototype).filter(
    (name) => name !== 'constructor' && methodDeclarations(prototype, name).length > 0,
  );
}
