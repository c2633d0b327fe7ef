/*
 * Changes that damage a text, or that write it differently. A position `at` is taken modulo the number of positions, so
 * that it is valid for any token.
 */

type Change = (text: string, at: number) => string;

const put = (text: string, index: number, what: string, instead = 0): string =>
  text.slice(0, index) + what + text.slice(index + instead);
const inside = (text: string, at: number): number => (text.length === 0 ? 0 : at % text.length);

/** Changes of JSON text. Each Latin-1 character stands for a byte of the UTF-8. */
export const JSON_CHANGES = {
  'a space in front': (text) => ` ${text}`,
  'a line feed behind': (text) => `${text}\r\n`,
  'spaces behind colons': (text) => text.replaceAll('":', '":\t'),
  'solidi escaped': (text) => text.replaceAll('/', '\\/'),
  'a name escaped': (text, at) => {
    const names = [...text.matchAll(/"[A-Za-z_]\w*":/g)];
    const name = names[inside('x'.repeat(names.length), at)];
    if (name === undefined) return text;
    const code = (text.charCodeAt(name.index + 1) % 256).toString(16).padStart(4, '0');
    return put(text, name.index + 1, `\\u${code}`, 1);
  },
  'a byte order mark in front': (text) => `\xef\xbb\xbf${text}`,
  'a no-break space in front': (text) => `\xc2\xa0${text}`,
  'a form feed behind': (text) => `${text}\f`,
  'a null byte behind': (text) => `${text}\0`,
  'a trailing comma': (text) => `${text.slice(0, -1)},}`,
  'a comment behind': (text) => `${text}/**/`,
  'single quotes': (text) => text.replaceAll('"', "'"),
  'not a number': (text) => text.replace(/:\d+/, ':NaN'),
  cut: (text, at) => text.slice(0, inside(text, at)),
  twice: (text) => text + text,
  'in a list': (text) => `[${text}]`,
  'in a string': (text) => JSON.stringify(text),
  null: () => 'null',
  nothing: () => '',
  'a control character': (text, at) => put(text, inside(text, at), '\x01'),
  'a byte that UTF-8 does not have': (text, at) => put(text, inside(text, at), '\xff'),
  'an overlong solidus': (text) => text.replace('/', '\xc0\xaf'),
  'a surrogate in UTF-8': (text, at) => put(text, inside(text, at), '\xed\xa0\x80'),
  'half a character': (text, at) => put(text, inside(text, at), '\xf0\x9f'),
  'UTF-16': (text) => Buffer.from(text, 'utf16le').toString('latin1'),
  'a bit flipped': (text, at) => {
    const index = inside(text, at);
    return put(text, index, String.fromCharCode(text.charCodeAt(index) ^ (1 << (at % 7))), 1);
  },
} as const satisfies Record<string, Change>;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const other = (character: string | undefined, by: number): string =>
  ALPHABET[(ALPHABET.indexOf(character ?? '') + 1 + (by % 62)) % 64] ?? '';

/** Changes of base64url: other spellings of equal bytes, which lenient decoders accept, and damage. */
export const SPELLING_CHANGES = {
  'loose bits set': (text, at) => {
    const bits = { 2: 4, 3: 2 }[text.length % 4];
    if (bits === undefined) return text;
    const last = ALPHABET.indexOf(text.at(-1) ?? '');
    return text.slice(0, -1) + ALPHABET[last | (1 + (at % (2 ** bits - 1)))];
  },
  padding: (text) => text + '='.repeat((4 - (text.length % 4)) % 4),
  'a sign of padding too many': (text) => `${text}=`,
  'the alphabet of base64': (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  'a space inside': (text, at) => put(text, inside(text, at), ' '),
  'a tab in front': (text) => `\t${text}`,
  'a line feed behind': (text) => `${text}\n`,
  'a form feed behind': (text) => `${text}\f`,
  'a vertical tab behind': (text) => `${text}\v`,
  'a null byte behind': (text) => `${text}\0`,
  'a no-break space behind': (text) => `${text}\xa0`,
  'a character 256 further': (text, at) => {
    const index = inside(text, at);
    return put(text, index, String.fromCharCode(text.charCodeAt(index) + 256), 1);
  },
  'a full-width letter': (text, at) => put(text, inside(text, at), '\uff21', 1),
  'a character behind': (text) => `${text}A`,
  'four characters behind': (text) => `${text}AAAA`,
  'percent-encoded': (text, at) => put(text, inside(text, at), '%41', 1),
} as const satisfies Record<string, Change>;

const parts =
  (change: (parts: string[]) => readonly string[]): Change =>
  (token) =>
    change(token.split('.')).join('.');

/** Changes of a compact JWS. */
export const COMPACT_CHANGES = {
  'a character changed': (token, at) => {
    const index = inside(token, at);
    return put(token, index, other(token[index], at), 1);
  },
  'a character dropped': (token, at) => put(token, inside(token, at), '', 1),
  'a character doubled': (token, at) => put(token, inside(token, at), token[inside(token, at)] ?? ''),
  'two characters swapped': (token, at) => {
    const index = inside(token, at);
    return put(token, index, `${token[index + 1] ?? ''}${token[index] ?? ''}`, 2);
  },
  'a dot inside': (token, at) => put(token, inside(token, at), '.'),
  'a dot doubled': (token) => token.replace('.', '..'),
  'a dot behind': (token) => `${token}.`,
  'a dot in front': (token) => `.${token}`,
  'a part behind': (token) => `${token}.AAAA`,
  'two parts behind': parts((all) => [...all, ...all.slice(0, 2)]),
  'the last part gone': parts((all) => all.slice(0, -1)),
  'the last part empty': parts((all) => [...all.slice(0, -1), '']),
  'the parts turned round': parts((all) => all.toReversed()),
  'the payload in place of the header': parts(([, payload = '', ...rest]) => [payload, payload, ...rest]),
  cut: (token, at) => token.slice(0, inside(token, at)),
  nothing: () => '',
  'capitals only': (token) => token.toUpperCase(),
  'Bearer in front': (token) => `Bearer ${token}`,
  'a space in front': (token) => ` ${token}`,
  'a line feed behind': (token) => `${token}\n`,
  'in quotes': (token) => `"${token}"`,
  'a comma and another token': (token) => `${token},${token}`,
} as const satisfies Record<string, Change>;

export type JsonChange = keyof typeof JSON_CHANGES;
export type SpellingChange = keyof typeof SPELLING_CHANGES;
export type CompactChange = keyof typeof COMPACT_CHANGES;
