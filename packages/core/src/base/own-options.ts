import { ConfigurationError } from './errors.js';
import { printable } from './printable.js';

/**
 * The own members of an object with options, in one without a prototype. Whatever another library, or an attacker through one,
 * has put on `Object.prototype` is not an option: neither what is read from the copy, nor what `in` finds there. For adapters,
 * too: each reads its options from such a copy.
 *
 * @param what names the object in errors: `authenticate()`
 * @param names the options that there are; default: all that is inherited and no method
 * @throws ConfigurationError for what is not an object; and where an option stands on the prototype of a class, or of another
 * object: it would be lost
 */
export function ownOptions<T extends object>(what: string, given: T, names?: readonly string[]): T {
  if (typeof given !== 'object' || given === null) {
    // Its kind alone: a text in this place may be a secret.
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

/** The prototype that is no `Object.prototype`, of whichever realm. */
function prototypeOf(value: object): object | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.hasOwn(prototype, 'hasOwnProperty') ? undefined : prototype;
}
