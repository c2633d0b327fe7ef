/** A JSON object of unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses bytes as a JSON object; `undefined` for anything else, broken UTF-8 and a byte order mark included. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    return parseJsonText(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Parses text as a JSON object; `undefined` for anything else. */
export function parseJsonText(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_DEPTH = 32;

/**
 * Freezes a value that nobody else holds, all the way down, and takes its prototypes away, so that a member called
 * `__proto__` or `constructor` is data like any other. In place: a copy would take twice the time.
 *
 * @returns the value; `undefined` where it is nested deeper than 32 levels or holds a lone surrogate
 */
export function sealed(value: JsonObject): JsonObject | undefined {
  return seal(value, 0) ? value : undefined;
}

/** @returns whether it could be sealed */
function seal(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!seal(item, depth + 1)) return false;
  } else {
    for (const name of Object.keys(value)) {
      if (!name.isWellFormed() || !seal((value as JsonObject)[name], depth + 1)) return false;
    }
    Object.setPrototypeOf(value, null);
  }
  Object.freeze(value);
  return true;
}
