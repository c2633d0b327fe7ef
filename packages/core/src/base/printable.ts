const MAX_LENGTH = 200;

/**
 * Writes a foreign value for one line of a log, an error message or a header's quoted string. Bounds it, and escapes
 * control characters, line separators, bidirectional overrides and lone surrogates (log forging, CWE-117).
 */
export function printable(value: unknown, maxLength: number = MAX_LENGTH): string {
  const text = typeof value === 'string' ? value : describe(value);
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = Number(character.codePointAt(0));
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/**
 * Describes a value that was passed instead of options. Shows only the length of text, because it may be a token or a
 * secret.
 */
export function printableOptions(value: unknown): string {
  return typeof value === 'string' ? `a string of ${value.length} characters` : printable(value);
}

/** Writes numbers and booleans as they are, and only the type of larger values, which may have any size and depth. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/**
 * Tells whether an option's value looks like a client secret or a key. Errors then don't show any part of it, because
 * errors end up in logs.
 */
export function mayBeSecret(text: string): boolean {
  if (text.length < 24 || /^[0-9a-f-]+$/i.test(text) || text.includes('://')) return false;
  return /[a-z]/i.test(text) && /[0-9]/.test(text) && /[A-Z~+=?[\]@_]/.test(text);
}
