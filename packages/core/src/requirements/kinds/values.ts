import { ConfigurationError } from '../../base/errors.js';
import { isGuid } from '../../base/guid.js';
import { ownOptions } from '../../base/own-options.js';
import { printable } from '../../base/printable.js';

/** At least one value: an empty list would be a silent pass or a silent refusal. */
export type Values = readonly [string, ...string[]];

/** How a narrowing treats a token that does not carry the claim it needs. */
export type Unknown = 'deny' | 'allow';

/** For lists without repetitions. */
export const compare = (a: string, b: string): number => (a < b ? -1 : 1);

/** Sorted, without repetitions: the order in which permissions are written carries no meaning. */
export function sorted(values: Iterable<string>): readonly string[] {
  return Object.freeze([...new Set(values)].sort(compare));
}

/** Texts as one writes them in code: `'a', 'b'`. */
export function quoted(values: readonly string[]): string {
  return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(', ');
}

/**
 * Reads a list of GUIDs, and gives them in lower case and in order.
 *
 * @param name the builder's
 * @param what is identified: `'tenant'`
 * @throws ConfigurationError for an empty list, and for what is not a GUID
 */
export function guids(
  name: string,
  what: string,
  values: readonly unknown[],
  hint = `Use the ${what}'s ID as its overview page in Entra shows it.`,
): readonly string[] {
  if (values.length === 0)
    throw new ConfigurationError(`${name}() was given nothing.`, `Name at least one ${what}.`);
  const found = values.map((value) => {
    if (isGuid(value)) return value.toLowerCase();
    throw new ConfigurationError(`${name}() was given ${printable(value)}, which is not a GUID.`, hint);
  });
  return sorted(found);
}

/**
 * Reads an option that lists GUIDs.
 *
 * @param name the builder's
 * @throws ConfigurationError for what is not an array, for an empty one, and for what is not a GUID
 */
export function guidsIn(name: string, option: string, what: string, list: unknown): readonly string[] {
  if (Array.isArray(list) && list.length > 0) return guids(name, what, Array.from(list));
  throw new ConfigurationError(
    `${name}() was given ${option}: ${Array.isArray(list) ? '[]' : printable(list)}.`,
    `List at least one ${what}'s ID: ${name}({ ${option}: ['…'] }).`,
  );
}

/** Without the members that are `undefined`. */
export function given<T extends object>(
  options: T,
): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };
}

type Printed = string | number | boolean | readonly string[] | undefined;

/** Options as one writes them in code: `{ as: 'actor', except: ['a'] }`; nothing for none. */
export function printOptions(options: Readonly<Record<string, Printed>>): string {
  const members = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${printValue(value)}`],
  );
  return members.length === 0 ? '' : `{ ${members.join(', ')} }`;
}

function printValue(value: Exclude<Printed, undefined>): string {
  if (typeof value === 'string') return quoted([value]);
  return typeof value === 'object' ? `[${quoted(value)}]` : String(value);
}

/**
 * Reads the option `unknown` of a narrowing. Default `'deny'`.
 *
 * @throws ConfigurationError
 */
export function unknownOption(name: string, options: { readonly unknown?: Unknown }): Unknown {
  const { unknown: value = 'deny' } = knownOptions(name, options, ['unknown']);
  if (value !== 'deny' && value !== 'allow') {
    throw new ConfigurationError(
      `${name}() was given unknown: ${printable(value)}.`,
      "Use 'deny' or 'allow'.",
    );
  }
  return value;
}

/**
 * Reads a builder's options, of which all have to be known.
 *
 * @throws ConfigurationError
 */
export function knownOptions<T extends object>(name: string, given: T, names: readonly string[]): T {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${name}() was given ${printable(given)}.`,
      `Pass options, or nothing: ${names.join(', ')}.`,
    );
  }
  const options = ownOptions(`${name}()`, given, names);
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) {
      throw new ConfigurationError(
        `${name}() does not know the option '${printable(key)}'.`,
        `Known: ${names.join(', ')}.`,
      );
    }
  }
  return options;
}
