import { TextDecoder } from 'node:util';

/** A JSON object of unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

// From Node: jsdom has none.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses bytes as a JSON object; `undefined` for anything else, broken UTF-8 and a byte order mark included. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    return parseJsonText(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/**
 * Parses text as a JSON object; `undefined` for anything else. It has no prototype: no member is there that was not
 * written, whatever somebody has done to `Object.prototype`.
 */
export function parseJsonText(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? Object.setPrototypeOf(value, null) : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_DEPTH = 32;

/** Whether a value can be handed to an application: not nested deeper than 32 levels, and no lone surrogates in it. */
export function isFit(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isFit(member, depth + 1));
}

/**
 * Whether any value that JSON text holds is fit, as far as a glance can tell: well-formed text without escapes makes no
 * lone surrogates, and few brackets don't nest deep.
 */
export function isSurelyFit(text: string): boolean {
  return !text.includes('\\u') && count(text, '{') + count(text, '[') <= MAX_DEPTH;
}

/** How often a character occurs; stops counting when it is too often for {@link isSurelyFit}. */
function count(text: string, character: string): number {
  let times = 0;
  for (
    let at = text.indexOf(character);
    at >= 0 && times <= MAX_DEPTH;
    at = text.indexOf(character, at + 1)
  ) {
    times++;
  }
  return times;
}

/**
 * What sealed objects inherit from: what people ask any object, and nothing else. `claims.hasOwnProperty('scp')` is how
 * Microsoft's samples ask. Ours is `Object.hasOwn`, since a token may have a claim of that name.
 */
const ASKED_OF_OBJECTS: object = Object.freeze(
  Object.create(null, {
    hasOwnProperty: { value: Object.prototype.hasOwnProperty },
    propertyIsEnumerable: { value: Object.prototype.propertyIsEnumerable },
    toString: { value: Object.prototype.toString },
  }),
);

/**
 * Freezes a value that no other code holds, all the way down, and takes the prototype of all objects away, so that a member
 * called `__proto__` or `constructor` is data like any other. In place: a copy would take twice the time.
 *
 * @param value JSON that {@link isFit}
 */
export function sealed<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) sealed(member as object);
  }
  if (!Array.isArray(value)) Object.setPrototypeOf(value, ASKED_OF_OBJECTS);
  return Object.freeze(value);
}
