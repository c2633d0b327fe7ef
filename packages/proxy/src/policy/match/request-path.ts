/** What an application reads in its paths, in other ways than most. Each is a danger of its own. */
export interface PathReading {
  /** Whether `%2F` is a character of a segment, and never separates two. */
  readonly opaqueSlashes: boolean;
  /** Whether `;` is a character of a segment, and begins no path parameter (RFC 3986 section 3.3). */
  readonly keptParameters: boolean;
  /** Whether `/Admin` and `/admin` are one path. */
  readonly foldedCase: boolean;
}

/** One segment of a path. */
export interface PathSegment {
  /** Unreserved and non-ASCII characters are decoded; every other escape is kept, in upper case (RFC 3986 section 6.2.2). */
  readonly text: string;
  /** All escapes decoded. */
  readonly spelling: string;
}

/** The segments of a path that everything that reads it reads alike; or why it is not one. */
export type RequestPath =
  | { readonly segments: readonly PathSegment[]; readonly reason?: undefined }
  | { readonly segments?: undefined; readonly reason: string };

/** More characters than servers take. */
const LONGEST = 16_384;

/** Visible ASCII without what some server takes for something else: quotes, brackets, backslash, `|`, `^`, `#`. */
const VISIBLE = /^[!$%&'()*+,\-./0-9:;=@A-Z[\]_a-z~]*$/;

/** Control characters, `/`, `\`, `;`, `?` and `#`, written as escapes. */
const UNSAFE_ESCAPE = /%(?:[01][0-9A-Fa-f]|7[Ff]|2[Ff]|5[Cc]|3[BbFf]|23)/;
const UNSAFE_ESCAPE_BUT_SLASH = /%(?:[01][0-9A-Fa-f]|7[Ff]|5[Cc]|3[BbFf]|23)/;

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/** Not ASCII, and some fold them to ASCII letters: the Kelvin sign, the long s, i with and without a dot. */
const FOLDED_TO_ASCII = /[\u212A\u017F\u0130\u0131]/;

/**
 * Reads a request target in origin form: `/orders/42?page=2`. The query is not looked at. Refuses every path that another server
 * may read in another way, so that what is judged is what is served.
 *
 * @returns the segments; a trailing slash makes none
 */
export function readRequestPath(target: string, reading: PathReading): RequestPath {
  if (typeof target !== 'string' || target[0] !== '/') return { reason: 'it does not begin with a slash' };
  if (target.length > LONGEST) return { reason: `it is longer than ${LONGEST} characters` };
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (!VISIBLE.test(path)) return { reason: 'it holds a character that has to be escaped' };
  const parts = path.slice(1).split('/');
  if (parts.at(-1) === '') parts.pop();
  const segments: PathSegment[] = [];
  for (const part of parts) {
    const segment = readSegment(part, reading);
    if (typeof segment === 'string') return { reason: segment };
    segments.push(segment);
  }
  return { segments };
}

/** Reads one segment. @returns why it is refused, as a text */
export function readSegment(raw: string, reading: PathReading): PathSegment | string {
  const decoded = raw.includes('%') ? decode(raw, reading) : { text: raw, spelling: raw };
  if (typeof decoded === 'string') return decoded;
  const { text, spelling } = decoded;
  if (text.includes(';') && !reading.keptParameters) return 'it holds a semicolon';
  for (const part of text.split('%2F')) {
    const problem = problemOfName(part) ?? problemOfName(part.split(';')[0] as string);
    if (problem !== undefined) return problem;
  }
  if (!reading.foldedCase) return { text, spelling };
  if (FOLDED_TO_ASCII.test(text)) return 'it holds a letter that may be read as an ASCII letter';
  return { text: text.toLowerCase(), spelling: spelling.toLowerCase() };
}

/** What is wrong with a name in a path, for any server that makes it a file's or removes dots (RFC 3986 section 5.2.4). */
function problemOfName(name: string): string | undefined {
  if (name === '') return 'it has an empty segment';
  if (name === '.' || name === '..') return 'it has a dot segment';
  return /(?:\.|%20)$/.test(name) ? 'a segment ends in a dot or a space' : undefined;
}

function decode(raw: string, { opaqueSlashes }: PathReading): PathSegment | string {
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return 'it holds a malformed escape';
  if ((opaqueSlashes ? UNSAFE_ESCAPE_BUT_SLASH : UNSAFE_ESCAPE).test(raw)) {
    return 'it holds an escaped control character, slash, backslash, semicolon, question mark or number sign';
  }
  let spelling: string;
  try {
    spelling = decodeURIComponent(raw);
  } catch {
    return 'it holds escapes that are not UTF-8';
  }
  const text = raw.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeHarmless);
  if (/%25(?:[0-9A-Fa-f]{2}|[Uu])/.test(text)) return 'it is encoded twice';
  return { text, spelling };
}

function decodeHarmless(escapes: string): string {
  const keep = (character: string): string =>
    character > '\u007f' || UNRESERVED.test(character)
      ? character
      : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return [...decodeURIComponent(escapes)].map(keep).join('');
}
