/** A JSON object of unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses bytes as a JSON object; `undefined` for anything else, broken UTF-8 and a byte order mark included. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
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
 * A deeply frozen copy without prototypes, so that a member called `__proto__` or `constructor` is data like any other;
 * `undefined` where the value is nested deeper than 32 levels or holds a lone surrogate.
 */
export function frozenCopy(value: JsonObject): JsonObject | undefined {
  const copy = copied(value, 0);
  return copy === BROKEN ? undefined : (copy as JsonObject);
}

const BROKEN = Symbol('broken');

function copied(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : BROKEN;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return BROKEN;
  if (Array.isArray(value)) {
    const items = value.map((item) => copied(item, depth + 1));
    return items.includes(BROKEN) ? BROKEN : Object.freeze(items);
  }
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    const memberCopy = copied(member, depth + 1);
    if (memberCopy === BROKEN || !name.isWellFormed()) return BROKEN;
    object[name] = memberCopy;
  }
  return Object.freeze(object);
}
