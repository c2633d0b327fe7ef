import { type Anonymous, assertDecides, type Grant } from '@entra-guard/core';

/** What a handler requires of its callers; with `optional`, a token is validated only where there is one. */
export type HandlerAccess =
  | { readonly mode: 'require'; readonly requirement: Grant | Anonymous }
  | { readonly mode: 'optional' };

/** The values that {@link composedAccess} made: they need no check at each call. */
const composed = new WeakSet<object>();

/** Freezes what declarations combine to, and notes it as a decision. */
export function composedAccess<A extends HandlerAccess>(access: A): A {
  composed.add(Object.freeze(access));
  return access;
}

/** Whether this very object was composed of declarations. */
export function isComposed(value: unknown): value is HandlerAccess {
  return typeof value === 'object' && value !== null && composed.has(value);
}

const OPTIONAL = composedAccess({ mode: 'optional' });

/**
 * Reads what `requirementOf` of a subclass returned for a handler. Accepts only `{ mode: 'require', requirement }` with a
 * grant or `anonymous()` of the core, and `{ mode: 'optional' }`, both as own data properties and without others.
 *
 * @returns `undefined` for any other value, which refuses the call
 */
export function accessIn(value: unknown): HandlerAccess | undefined {
  if (isComposed(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const mode = ownValue(value, 'mode');
  const { length } = Reflect.ownKeys(value);
  if (mode === 'optional' && length === 1) return OPTIONAL;
  const requirement = ownValue(value, 'requirement');
  if (mode !== 'require' || length !== 2 || !decides(requirement)) return undefined;
  // A copy: what is judged is what was looked at.
  return Object.freeze({ mode, requirement });
}

type Deciding = Extract<HandlerAccess, { mode: 'require' }>['requirement'];

function decides(requirement: unknown): requirement is Deciding {
  try {
    assertDecides('requirementOf', requirement);
  } catch {
    return false;
  }
  const role = ownValue(requirement, 'role');
  return role === 'grant' || role === 'anonymous';
}

function ownValue(holder: object, name: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  // Not by `in`, and not from a getter, which could return another value the next time.
  return descriptor !== undefined && Object.hasOwn(descriptor, 'value') ? descriptor.value : undefined;
}

/** Whether a handler is open to every caller. */
export function isOpen(access: HandlerAccess): boolean {
  return access.mode === 'require' && access.requirement.role === 'anonymous';
}

/** Whether a decision may be made without a caller. */
export function needsNoCaller(access: HandlerAccess): boolean {
  return access.mode === 'optional' || isOpen(access);
}
