import { expect, it } from 'vitest';
import { safeOutput } from '../src/output/safe-output.js';

/** What gets through. */
function written(text: string, colours: boolean): string {
  const all: string[] = [];
  safeOutput({ write: (part) => all.push(part) }, colours).write(text);
  return all.join('');
}

it.each([true, false])('nothing that steers a terminal gets through, with colours %s', (colours) => {
  const text =
    '\u001b[2J \u001b]8;;https://evil.example\u0007 \u009b31m \u202e \u2066 \u2028 a\rb \u{E0041} \u001b[8m';
  expect(written(text, colours)).toBe(
    '\\u{1b}[2J \\u{1b}]8;;https://evil.example\\u{7} \\u{9b}31m \\u{202e} \\u{2066} \\u{2028} a\\u{d}b \\u{e0041} \\u{1b}[8m',
  );
});

it('line ends, tabs, joiners and byte order marks get through', () => {
  const text = '\uFEFFone\ttwo\r\n\u{1F468}\u200D\u{1F4BB} \u00e9\n';
  expect(written(text, false)).toBe(text);
});

it('the colours of the command itself get through on a terminal', () => {
  const text = '\u001b[1m\u001b[31mred\u001b[39m\u001b[22m';
  expect(written(text, true)).toBe(text);
  expect(written(text, false)).not.toContain('\u001b');
});
