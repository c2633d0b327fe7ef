import { nearestName } from '../directory/nearest-name.js';
import type { Path } from './located-json.js';

/** A JSON Schema, draft 7, which editors understand. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is wrong with a value. */
export interface Problem {
  readonly path: Path;
  /** What was found, and what was expected. Follows the name of the member: `is 5. Write true or false.` */
  readonly message: string;
}

/** What a value has to be: as a JSON Schema for editors, and as a check. Both refuse the same values. */
export interface Shape {
  readonly schema: JsonSchema;
  /** Finds the first problem. */
  check(value: unknown, path: Path): Problem | undefined;
}

function leaf(schema: JsonSchema, fits: (value: unknown) => boolean, expected: string): Shape {
  return {
    schema,
    check: (value, path) =>
      fits(value) ? undefined : { path, message: `is ${shown(value, path)}. Write ${expected}.` },
  };
}

/** A text that is not empty. @param expected such as `a name: "Ada Lovelace"` */
export function text(expected: string, pattern = /./): Shape {
  const { source } = pattern;
  const fits = (value: unknown) => typeof value === 'string' && new RegExp(source, 'u').test(value);
  return leaf({ type: 'string', pattern: source }, fits, expected);
}

export function bool(): Shape {
  return leaf({ type: 'boolean' }, (value) => typeof value === 'boolean', 'true or false');
}

export function integer(minimum: number, maximum: number, expected: string): Shape {
  const fits = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
  return leaf({ type: 'integer', minimum, maximum }, fits, expected);
}

export function choice(...values: readonly (string | number | boolean)[]): Shape {
  const expected = values.map((value) => JSON.stringify(value)).join(' or ');
  return leaf({ enum: values }, (value) => values.includes(value as never), expected);
}

export function listOf(element: Shape, expected: string, atLeast = 0): Shape {
  const list = { type: 'array', items: element.schema };
  return {
    schema: atLeast === 0 ? list : { ...list, minItems: atLeast },
    check: (value, path) => {
      if (!Array.isArray(value) || value.length < atLeast) {
        const found = Array.isArray(value) ? 'too short' : shown(value, path);
        return { path, message: `is ${found}. Write ${expected}.` };
      }
      return first(value.map((one, index) => () => element.check(one, [...path, index])));
    },
  };
}

/** Values by names that the user chooses. @param reserved a name that is taken, and by what */
export function record(value: Shape, expected: string, reserved?: readonly [string, string]): Shape {
  const names = { minLength: 1, ...(reserved === undefined ? {} : { not: { const: reserved[0] } }) };
  return {
    schema: { type: 'object', propertyNames: names, additionalProperties: value.schema },
    check: (given, path) => {
      if (!isObject(given)) return { path, message: `is ${shown(given, path)}. Write ${expected}.` };
      return first(
        Object.entries(given).map(([name, one]) => () => {
          const inner = [...path, name];
          if (name === '') return { path: inner, message: 'has an empty name. Give it one.' };
          if (name === reserved?.[0]) {
            return { path: inner, message: `is the name of ${reserved[1]}. Give it another name.` };
          }
          return value.check(one, inner);
        }),
      );
    },
  };
}

export interface MemberOptions {
  readonly required?: readonly string[];
  /** Whether there may be other members, which are not looked at. Default `false`. */
  readonly open?: boolean;
}

/** An object with known members. An unknown one is refused, because a misspelt one would have no effect. */
export function members(
  shapes: Readonly<Record<string, Shape>>,
  { required = [], open = false }: MemberOptions = {},
): Shape {
  const names = Object.keys(shapes);
  const properties = Object.fromEntries(names.map((name) => [name, (shapes[name] as Shape).schema]));
  return {
    schema: {
      type: 'object',
      properties,
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: open,
    },
    check: (value, path) => {
      if (!isObject(value)) {
        return { path, message: `is ${shown(value, path)}. Write an object with ${names.join(', ')}.` };
      }
      const missing = required.find((name) => !Object.hasOwn(value, name));
      if (missing !== undefined) return { path, message: `has no "${missing}". Add it.` };
      return first(
        Object.entries(value).map(([name, one]) => () => {
          const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
          if (shape !== undefined) return shape.check(one, [...path, name]);
          return open ? undefined : { path: [...path, name], message: unknownName(name, names) };
        }),
      );
    },
  };
}

function unknownName(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  const expected = `is not known. Expected ${names.join(', ')}.`;
  return near === undefined ? expected : `${expected} Did you mean "${near}"?`;
}

/** A value of one of two kinds. */
export function either(one: Shape, other: Shape, expected: string): Shape {
  return {
    schema: { anyOf: [one.schema, other.schema] },
    check: (value, path) => {
      if (one.check(value, path) === undefined) return undefined;
      const problem = other.check(value, path);
      // A problem inside of the value says more than one about the value.
      if (problem === undefined || problem.path.length > path.length) return problem;
      return { path, message: `is ${shown(value, path)}. Write ${expected}.` };
    },
  };
}

export function orNull(shape: Shape): Shape {
  return {
    schema: { anyOf: [shape.schema, { type: 'null' }] },
    check: (value, path) => (value === null ? undefined : shape.check(value, path)),
  };
}

/** Adds what an editor shows for a member. */
export function described(description: string, shape: Shape): Shape {
  return { ...shape, schema: { description, ...shape.schema } };
}

function first(checks: readonly (() => Problem | undefined)[]): Problem | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members that hold secrets, which no error repeats. */
const secret: ReadonlySet<string | number> = new Set(['secret', 'secrets', 'key']);

function shown(value: unknown, path: Path): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (path.some((part) => secret.has(part))) return `a ${typeof value === 'string' ? 'text' : typeof value}`;
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
