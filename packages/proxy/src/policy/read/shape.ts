import type { Located, LocatedMap, LocatedText } from './located.js';
import { nearestName } from './nearest-name.js';
import { BAD, type Reading } from './reading.js';
import { shown } from './shown.js';

/** A JSON Schema, draft 7, which editors understand. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What was read, or that it was refused. */
export type Read<T> = T | typeof BAD;

/** What a value has to be: as a JSON Schema for editors, and as a reader. Both refuse the same values. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /** Reads a value. Notes what is wrong with it. */
  read(node: Located, reading: Reading): Read<T>;
}

/** What a shape reads. */
export type ReadBy<S> = S extends Shape<infer T> ? T : never;

/** What a text may also be in the file: a variable, which the reader replaces first. */
const VARIABLE = '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}';

/**
 * A text that is not empty.
 *
 * @param expected such as `a team's name`
 * @param secret whether errors must not repeat it
 */
export function text(expected: string, pattern = '.', secret = false): Shape<string> {
  const fits = new RegExp(pattern, 'u');
  return {
    schema: { type: 'string', pattern: `${pattern}|${VARIABLE}` },
    read: (node, reading) =>
      node.kind === 'text' && fits.test(node.value)
        ? node.value
        : reading.note(node, found(node, secret), expected),
  };
}

export function bool(): Shape<boolean> {
  return {
    schema: { type: 'boolean' },
    read: (node, reading) =>
      node.kind === 'fact' && typeof node.value === 'boolean'
        ? node.value
        : reading.note(node, found(node), 'true or false'),
  };
}

export function integer(minimum: number, maximum: number, expected: string): Shape<number> {
  return {
    schema: { type: 'integer', minimum, maximum },
    read: (node, reading) =>
      node.kind === 'fact' && Number.isInteger(node.value) && within(node.value as number, minimum, maximum)
        ? (node.value as number)
        : reading.note(node, found(node), expected),
  };
}

const within = (value: number, minimum: number, maximum: number): boolean =>
  value >= minimum && value <= maximum;

export function choice<const T extends string | number | boolean>(...values: readonly T[]): Shape<T> {
  const expected =
    values.length === 1 ? String(values[0]) : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  const texts = values.some((value) => typeof value === 'string');
  return {
    schema: texts
      ? { anyOf: [{ enum: values }, { type: 'string', pattern: `^${VARIABLE}$` }] }
      : { enum: values },
    read: (node, reading) => {
      const value = node.kind === 'text' || node.kind === 'fact' ? node.value : undefined;
      const known = values.find((one) => one === value);
      return known === undefined ? reading.note(node, found(node), expected) : known;
    },
  };
}

export function listOf<T>(element: Shape<T>, expected: string, atLeast = 0): Shape<readonly T[]> {
  const list = { type: 'array', items: element.schema };
  return {
    schema: atLeast === 0 ? list : { ...list, minItems: atLeast },
    read: (node, reading) => {
      if (node.kind !== 'list') return reading.note(node, found(node), expected);
      if (node.items.length < atLeast) return reading.note(node, 'an empty list', expected);
      return all(node.items.map((item) => element.read(item, reading)));
    },
  };
}

/** Values by names that the user chooses. */
export function record<T>(
  value: Shape<T>,
  expected: string,
  names: { readonly pattern?: string; readonly atLeast?: number } = {},
): Shape<ReadonlyMap<string, T>> {
  const { pattern = '.', atLeast = 0 } = names;
  const fits = new RegExp(pattern, 'u');
  const object = { type: 'object', propertyNames: { pattern }, additionalProperties: value.schema };
  return {
    schema: atLeast === 0 ? object : { ...object, minProperties: atLeast },
    read: (node, reading) => {
      if (node.kind !== 'map') return reading.note(node, found(node), expected);
      if (node.entries.length < atLeast) return reading.note(node, 'none', expected);
      const read = node.entries.map(({ name, at, value: one }) => {
        const result = value.read(one, reading);
        if (fits.test(name)) return result === BAD ? BAD : ([name, result] as const);
        return reading.note(
          { member: node.member, at },
          `the name ${shown(name)}`,
          `a name of letters, digits, - and _`,
        );
      });
      const entries = all(read);
      return entries === BAD ? BAD : new Map(entries);
    },
  };
}

type Shapes = Readonly<Record<string, Shape<unknown>>>;

/** An object with the members of these shapes, of which some are required. */
export type ReadMembers<S extends Shapes, R extends keyof S = never> = {
  readonly [Name in R]: ReadBy<S[Name]>;
} & { readonly [Name in Exclude<keyof S, R>]?: ReadBy<S[Name]> };

/** An object with known members. An unknown one is refused, because a misspelt one would have no effect. */
export function members<S extends Shapes, const R extends keyof S & string = never>(
  shapes: S,
  { required = [] }: { readonly required?: readonly R[] } = {},
): Shape<ReadMembers<S, R>> {
  const names = Object.keys(shapes);
  const properties = Object.fromEntries(names.map((name) => [name, (shapes[name] as Shape<unknown>).schema]));
  return {
    schema: {
      type: 'object',
      properties,
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    },
    read: (node, reading) => {
      if (node.kind !== 'map') return reading.note(node, found(node), `an object with ${names.join(', ')}`);
      // A misspelt one is told as such, and not as missing too.
      const isMeant = (entry: { readonly name: string }, name: string): boolean =>
        entry.name === name ||
        (!Object.hasOwn(shapes, entry.name) && nearestName(entry.name, [name]) === name);
      const missing = required.filter((name) => !node.entries.some((entry) => isMeant(entry, name)));
      const refused = missing.map((name) => reading.note(node, `no ${name}`, `the member ${name}`));
      const read = node.entries.map(({ name, at, value }) => {
        const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
        if (shape === undefined) return unknownMember(node, name, at, names, reading);
        const result = shape.read(value, reading);
        return result === BAD ? BAD : ([name, result] as const);
      });
      const entries = all(read);
      if (entries === BAD || refused.length > 0) return BAD;
      return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(entries)));
    },
  };
}

function unknownMember(
  { member }: LocatedMap,
  name: string,
  at: number,
  names: readonly string[],
  reading: Reading,
): typeof BAD {
  const where = { member, at };
  if (name.includes('(') || name.includes(')')) {
    return reading.note(
      where,
      `an unknown member ${shown(name)}`,
      'quotes around a requirement that stands inside { }, where YAML takes its commas for its own',
    );
  }
  const near = nearestName(name, names);
  const known = names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
  return reading.note(
    where,
    `an unknown member ${shown(name)}`,
    near === undefined ? known : `${known}. Did you mean '${near}'?`,
  );
}

/** A value of one of two kinds, of which the first is told by the kind of its node. */
export function either<A, B>(
  first: { readonly shape: Shape<A>; readonly fits: (node: Located) => boolean },
  other: Shape<B>,
): Shape<A | B> {
  return {
    schema: { anyOf: [first.shape.schema, other.schema] },
    read: (node, reading) => (first.fits(node) ? first.shape.read(node, reading) : other.read(node, reading)),
  };
}

/** One value, or a list of at least one. */
export function oneOrMore<T>(element: Shape<T>, expected: string): Shape<readonly T[]> {
  const list = listOf(element, expected, 1);
  return {
    schema: { anyOf: [element.schema, list.schema] },
    read: (node, reading) => {
      if (node.kind === 'list') return list.read(node, reading);
      const one = element.read(node, reading);
      return one === BAD ? BAD : [one];
    },
  };
}

/** A value together with its place. */
export function placed<T>(shape: Shape<T>): Shape<{ readonly value: T; readonly node: Located }> {
  return {
    schema: shape.schema,
    read: (node, reading) => {
      const value = shape.read(node, reading);
      return value === BAD ? BAD : { value, node };
    },
  };
}

/** Adds what an editor shows for a member. */
export function described<T>(description: string, shape: Shape<T>): Shape<T> {
  return { ...shape, schema: { description, ...shape.schema } };
}

function all<T>(read: readonly Read<T>[]): Read<readonly T[]> {
  return read.includes(BAD) ? BAD : Object.freeze(read as T[]);
}

/** Describes what stands in a file. What a variable was replaced with is not shown: it may be a secret. */
export function found(node: Located, secret = false): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'an object';
  if (node.kind === 'fact') return secret ? `a ${typeof node.value}` : String(node.value);
  return textFound(node, secret);
}

function textFound({ value, written }: LocatedText, secret: boolean): string {
  if (value === '') return 'an empty text';
  if (written !== undefined) return `${shown(written)} with its variable replaced`;
  return secret ? 'a text' : shown(value);
}
