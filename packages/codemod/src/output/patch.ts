import { createTwoFilesPatch } from 'diff';
import type { Style } from './style.js';

/** A change of a file as a patch that git and patch apply: paths with slashes, relative to where it is to be applied. */
export function patchOf(shown: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(`a/${shown}`, `b/${shown}`, before, after, '', '', { context: 3 });
  // Its first line is a rule, which no other tool writes; and tabs stand where times would.
  return patch.replace(/^=+\n/, '').replace(/^(---|\+\+\+) (.*?)\t?$/gm, '$1 $2');
}

/** Colours a patch, for a terminal. */
export function styledPatch(patch: string, style: Style): string {
  const line = (text: string): string => {
    if (/^(---|\+\+\+) /.test(text)) return style.bold(text);
    if (text.startsWith('@@')) return style.heading(text);
    if (text.startsWith('+')) return style.good(text);
    if (text.startsWith('-')) return style.bad(text);
    return text;
  };
  return patch.split('\n').map(line).join('\n');
}
