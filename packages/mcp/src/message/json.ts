/** How deep arrays and objects may nest. */
const MAX_DEPTH = 64;

/** One token of JSON text that matters here: a string, or a bracket, comma or colon. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/**
 * Parses JSON text that every reader understands alike. Returns `undefined` for anything else: text that is not JSON, an object
 * that names a member twice (RFC 8259 section 4: readers differ), and what {@link isUnambiguous} refuses.
 */
export function parseUnambiguousJson(text: string): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isUnambiguous(value) && !namesTwice(text) ? { value } : undefined;
}

/**
 * Whether a value may be handed on: nested at most 64 levels deep, without half characters, which have no UTF-8, and without a
 * member called `__proto__`, which code that copies objects takes for their prototype (CWE-1321).
 */
export function isUnambiguous(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (left <= 0) return false;
  if (Array.isArray(value)) return value.every((one) => isUnambiguous(one, left - 1));
  return Object.entries(value).every(
    ([name, one]) => name !== '__proto__' && name.isWellFormed() && isUnambiguous(one, left - 1),
  );
}

/** Whether some object names a member twice. @param text is JSON */
function namesTwice(text: string): boolean {
  /** The names of each object that is open; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = [];
  let awaitsName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    switch (token) {
      case '{':
        open.push(new Set());
        awaitsName = true;
        break;
      case '[':
        open.push(undefined);
        awaitsName = false;
        break;
      case '}':
      case ']':
        open.pop();
        awaitsName = false;
        break;
      case ',':
        awaitsName = open.at(-1) !== undefined;
        break;
      case ':':
        awaitsName = false;
        break;
      default: {
        const names = open.at(-1);
        if (!awaitsName || names === undefined) break;
        const name = JSON.parse(token) as string;
        if (names.has(name)) return true;
        names.add(name);
      }
    }
  }
  return false;
}
