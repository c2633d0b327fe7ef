import codes from '../generated/codes.json';

/** A code that a text names, and what docs/troubleshooting.md says of it. */
export interface KnownCode {
  readonly code: string;
  readonly parts: readonly { readonly name: string; readonly text: string }[];
}

/**
 * Finds the access token in what was pasted: alone, after "Bearer", in quotes, or in the JSON of a token endpoint. Returns
 * `undefined` for text that is more than one word.
 */
export function tokenIn(pasted: string): string | undefined {
  const trimmed = pasted.replace(/^\uFEFF/, '').trim();
  const inside = /"access_?token"\s*:\s*"([^"]*)"/i.exec(trimmed)?.[1] ?? trimmed;
  const token = inside
    .replace(/^authorization:\s*/i, '')
    .replace(/^bearer\s+/i, '')
    .replace(/^(["'])(.*)\1$/s, '$2')
    .trim();
  return token === '' || /\s|^AADSTS|^[a-z]+(?:_[a-z]+)+$/.test(token) ? undefined : token;
}

/** The codes in a text, each once, that have a page. */
export function codesIn(pasted: string): readonly KnownCode[] {
  const words = new Set(pasted.match(/AADSTS\d+|[a-z]+(?:_[a-z]+)+/g));
  return codes.filter(({ code }) => words.has(code));
}

/** The codes of Entra in a text that have no page. */
export function unknownIn(pasted: string): readonly string[] {
  const words = new Set(pasted.match(/AADSTS\d+/g));
  return [...words].filter((word) => codes.every(({ code }) => code !== word));
}
