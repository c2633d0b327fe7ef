/** Characters that a terminal or a reader's eye is steered by: controls, formatting marks, separators of lines. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from elsewhere on one line, so that it can't steer a terminal. */
export function printable(text: string): string {
  return text.replace(STEERING, escaped);
}

/**
 * Like `printable`, but for JSON or the inside of a JavaScript literal: its escapes mean what they replace. Line ends stay.
 */
export function printableLiteral(text: string): string {
  return text.replace(STEERING, (character) => {
    if (character === '\n') return character;
    return character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  });
}

/**
 * Lines of text that have to stay as they are wherever that is harmless, as source code has to: joiners, byte order marks,
 * tabs and line ends stay. What moves the cursor, colours, or turns the direction of writing around is escaped.
 */
export function harmless(text: string): string {
  return text.replace(HARMFUL, escaped);
}

/** A carriage return is a line end only before a line feed; alone it writes over what stands there. */
const HARMFUL =
  /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}](?<!\r(?=\n))/gu;

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
