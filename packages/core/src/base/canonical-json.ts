import { createHash } from 'node:crypto';

/** Bounds of {@link canonicalJson}. */
export interface CanonicalLimits {
  /** How deep arrays and objects may nest. Default 64. */
  readonly depth?: number;
  /** How long the text may be in UTF-8, in bytes. Default: any length. */
  readonly bytes?: number;
}

/** The text of a value, or why it has none, in words that show nothing of the value. */
export type CanonicalText =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string };

/**
 * Writes plain data in the one form that equal data have (RFC 8785): members sorted by their UTF-16 code units, no white space,
 * numbers and strings as `JSON.stringify` writes them. Calls no `toJSON` and no getter. Each part is read once, so that the text
 * stays what it is if the value changes later.
 *
 * Plain data are `null`, booleans, finite numbers, well-formed strings, arrays without holes, and objects without a class whose
 * members are plain data. Anything else has no text: `JSON.stringify` would leave it out or replace it, so that two different values
 * had one text.
 */
export function canonicalText(
  value: unknown,
  { depth = 64, bytes = Number.POSITIVE_INFINITY }: CanonicalLimits = {},
): CanonicalText {
  const writer = new Writer(bytes);
  try {
    writer.write(value, depth);
  } catch (error) {
    // A proxy may throw anything, which may show what it holds.
    return { problem: error instanceof NotPlain ? error.message : 'an object that can not be read' };
  }
  return { text: writer.text };
}

/** Like {@link canonicalText}. Returns `undefined` for what has no text. */
export function canonicalJson(value: unknown, limits?: CanonicalLimits): string | undefined {
  return canonicalText(value, limits).text;
}

/**
 * Returns the SHA-256 of plain data in their canonical form, as base64url, 43 characters: equal data have equal digests, and nothing
 * else does. `undefined` for what {@link canonicalText} can't write.
 */
export function canonicalDigest(value: unknown, limits?: CanonicalLimits): string | undefined {
  const text = canonicalJson(value, limits);
  return text === undefined ? undefined : textDigest(text);
}

/** Returns the SHA-256 of a text in UTF-8 as base64url. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}

class NotPlain extends Error {}

class Writer {
  text = '';
  #left: number;

  constructor(longest: number) {
    this.#left = longest;
  }

  write(value: unknown, depth: number): void {
    if (value === null || typeof value === 'boolean') this.#add(String(value));
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#string(value);
    else if (typeof value !== 'object')
      throw new NotPlain(value === undefined ? 'undefined' : `a ${typeof value}`);
    else if (depth <= 0) throw new NotPlain('nested too deep, or in a circle');
    else if (Array.isArray(value)) this.#array(value, depth);
    else this.#object(value, depth);
  }

  #add(part: string): void {
    this.#left -= Buffer.byteLength(part, 'utf8');
    if (this.#left < 0) throw new NotPlain('too large');
    this.text += part;
  }

  #number(value: number): void {
    if (!Number.isFinite(value)) throw new NotPlain('a number that is not finite');
    this.#add(JSON.stringify(value));
  }

  #string(value: string): void {
    if (value.length > this.#left) throw new NotPlain('too large');
    if (!value.isWellFormed()) throw new NotPlain('a string with half a character');
    this.#add(JSON.stringify(value));
  }

  #array(value: readonly unknown[], depth: number): void {
    assertPlain(value, 'isArray');
    const { length } = value;
    this.#add('[');
    for (let index = 0; index < length; index++) {
      if (index > 0) this.#add(',');
      this.write(memberOf(value, String(index)), depth - 1);
    }
    this.#add(']');
    if (Reflect.ownKeys(value).length !== length + 1) throw new NotPlain('an array with further members');
  }

  #object(value: object, depth: number): void {
    assertPlain(value, 'hasOwnProperty');
    const names = Reflect.ownKeys(value);
    if (!names.every((name) => typeof name === 'string')) throw new NotPlain('a member called by a symbol');
    this.#add('{');
    for (const [index, name] of (names as string[]).sort(byCodeUnits).entries()) {
      if (index > 0) this.#add(',');
      this.#string(name);
      this.#add(':');
      this.write(memberOf(value, name), depth - 1);
    }
    this.#add('}');
  }
}

/** RFC 8785 section 3.2.3. */
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : 1);

/** Refuses objects of classes: what they mean is not in their members. */
function assertPlain(value: object, kind: 'isArray' | 'hasOwnProperty'): void {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // By what it has, since objects of other realms have other prototypes.
  const isPlain =
    kind === 'isArray'
      ? Array.isArray(prototype)
      : prototype === null || Object.hasOwn(prototype, 'hasOwnProperty');
  if (!isPlain) throw new NotPlain('an object of a class');
}

/** Reads a member without running code of the value. */
function memberOf(value: object, name: string): unknown {
  const member = Object.getOwnPropertyDescriptor(value, name);
  if (member === undefined) throw new NotPlain('an array with holes');
  if (!('value' in member) || member.enumerable !== true)
    throw new NotPlain('a member with a getter, or hidden');
  return member.value;
}
