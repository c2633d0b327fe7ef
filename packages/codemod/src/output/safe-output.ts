import type { Output } from '../host.js';
import { harmless } from './printable.js';

/** What our own styles write: `ESC [ number m`. */
const OWN = new RegExp(`${String.fromCodePoint(27)}\\[(?:0|1|2|22|31|32|33|36|39)m`, 'g');

/**
 * An output to which nothing is written that steers a terminal, our own colours aside where there are any. Commands escape what
 * comes from elsewhere, each in its own way; this is for what one of them forgets.
 */
export function safeOutput(output: Output, colours: boolean): Output {
  return {
    isTTY: output.isTTY,
    write: (text) => output.write(colours ? betweenColours(text) : harmless(text)),
  };
}

function betweenColours(text: string): string {
  let written = '';
  let end = 0;
  for (const { index, 0: colour } of text.matchAll(OWN)) {
    written += harmless(text.slice(end, index)) + colour;
    end = index + colour.length;
  }
  return written + harmless(text.slice(end));
}
