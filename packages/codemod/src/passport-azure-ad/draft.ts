import type { Node } from '@babel/types';
import type MagicString from 'magic-string';
import type { FindingAt } from './finding.js';
import type { Names } from './syntax/names.js';
import type { Place } from './syntax/place.js';

/** A file on its way to being changed. */
export interface Draft {
  readonly text: string;
  readonly edits: MagicString;
  readonly places: readonly Place[];
  readonly names: Names;
  readonly findings: FindingAt[];
}

/** Where a node stands in the text. The parser always says so; its types do not. */
export function span({ start, end }: Node): { readonly start: number; readonly end: number } {
  return { start: start as number, end: end as number };
}

/** The quotation mark that a literal is written with. */
export function quoteOf({ text }: Draft, literal: Node): string {
  return text[span(literal).start] as string;
}
