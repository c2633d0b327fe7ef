import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { RecordDocument } from './revocation-store.js';
import { inWords } from './revocation-target.js';

/** A record for the terminal. */
export function recordLines(record: RecordDocument, style: Style): readonly string[] {
  const { id, target, because, issuedBefore, until, source, at } = record;
  const rows: readonly (readonly [string, string])[] = [
    ['id', id],
    ['because', because],
    ['refuses', issuedBefore === undefined ? 'all tokens' : `tokens that were issued until ${issuedBefore}`],
    ['until', until ?? 'it is lifted'],
    ['since', `${at}${source === undefined ? '' : `, by ${source}`}`],
  ];
  return [
    style.bold(printable(inWords(target))),
    ...rows.map(([name, value]) => `  ${name.padEnd(9)}${printable(value)}`),
  ];
}
