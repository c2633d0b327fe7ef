import { styleText } from 'node:util';
import type { Host, Output } from '../host.js';

/** Sets text off where a person looks at it; gives it back as it is elsewhere. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly heading: (text: string) => string;
}

/** The style for an output: colours on a terminal only, and none with NO_COLOR (no-color.org). */
export function styleFor(output: Output, env: Host['env']): Style {
  const wanted = hasColours(output, env);
  const as =
    (...formats: Parameters<typeof styleText>[0][]) =>
    (text: string): string =>
      wanted
        ? formats.reduce((styled: string, format) => styleText(format, styled, NO_QUESTIONS), text)
        : text;
  return {
    bold: as('bold'),
    faint: as('dim'),
    good: as('green'),
    bad: as('red'),
    warning: as('yellow'),
    heading: as('cyan'),
  };
}

/** Node would look at its own standard output, which need not be ours. */
const NO_QUESTIONS = { validateStream: false };

/** Whether to write colours. */
export function hasColours({ isTTY }: Output, { NO_COLOR, FORCE_COLOR, TERM }: Host['env']): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY === true && TERM !== 'dumb';
}
