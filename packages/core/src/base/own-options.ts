import { ConfigurationError } from './errors.js';
import { printable } from './printable.js';

/**
 * Copies the own members of an options object into an object without a prototype. What another library, or an attacker
 * through one, put on `Object.prototype` is not an option: the copy does not have it, and `in` does not find it.
 * Adapters read their options from such a copy, too.
 *
 * @param what the object's name in errors, such as `authenticate()`
 * @param names the known options; default: every inherited member that is not a method
 * @throws ConfigurationError if `given` is not an object, or inherits an option from a class or another object, because
 * that option would be lost
 */
export function ownOptions<T extends object>(what: string, given: T, names?: readonly string[]): T {
  if (typeof given !== 'object' || given === null) {
    // Names the type only: text passed here may be a secret.
    throw new ConfigurationError(
      `${what} was given ${given === null ? 'null' : typeof given} instead of options.`,
      'Pass an object, or nothing.',
    );
  }
  assertNoneInherited(what, given, names);
  return Object.assign(Object.create(null) as T, given);
}

function assertNoneInherited(what: string, given: object, names: readonly string[] | undefined): void {
  for (let from = prototypeOf(given); from !== undefined; from = prototypeOf(from)) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      if (Object.hasOwn(given, name)) continue;
      const isOption = names
        ? names.includes(name)
        : name !== 'constructor' && typeof member.value !== 'function';
      if (!isOption) continue;
      throw new ConfigurationError(
        `${what} has the option '${printable(name)}' from its prototype, as a class gives it by a getter or method, and not as a member of its own.`,
        'Pass a plain object: { ...defaults, tenantId, clientId }. Only own members are read.',
      );
    }
  }
}

/** Returns the prototype of an object; `undefined` if it is an `Object.prototype`, of any realm. */
function prototypeOf(value: object): object | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.hasOwn(prototype, 'hasOwnProperty') ? undefined : prototype;
}
