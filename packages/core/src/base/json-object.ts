import { TextDecoder } from 'node:util';

/** A JSON object of unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

// Imported from Node, because jsdom has no global one.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses bytes as a JSON object. Returns `undefined` for anything else, including invalid UTF-8 and a byte order mark. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    return parseJsonText(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/**
 * Parses text as a JSON object. Returns `undefined` for anything else. The object has no prototype, so it has no member
 * that was not written, even if other code changed `Object.prototype`.
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

/** Tells whether a value can be handed to an application: nested at most 32 levels deep, and without lone surrogates. */
export function isFit(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isFit(member, depth + 1));
}

/**
 * Tells quickly whether JSON text holds a value that {@link isFit}. Text without `\u` escapes makes no lone surrogates,
 * and few brackets can't nest deep. `false` means that the value has to be looked through.
 */
export function isSurelyFit(text: string): boolean {
  return !text.includes('\\u') && count(text, '{') + count(text, '[') <= MAX_DEPTH;
}

/** Counts a character, and stops when it is too frequent for {@link isSurelyFit}. */
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
 * The prototype of sealed objects: the methods that applications call on any object, and nothing else. Microsoft's
 * samples call `claims.hasOwnProperty('scp')`. This package calls `Object.hasOwn`, because a token may have a claim
 * named `hasOwnProperty`.
 */
const ASKED_OF_OBJECTS: object = Object.freeze(
  Object.create(null, {
    hasOwnProperty: { value: Object.prototype.hasOwnProperty },
    propertyIsEnumerable: { value: Object.prototype.propertyIsEnumerable },
    toString: { value: Object.prototype.toString },
  }),
);

/**
 * Deeply freezes a value that no other code holds, and replaces the prototype of its objects, so that a member called
 * `__proto__` or `constructor` is data like any other. Works in place, because a copy would take twice the time.
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
