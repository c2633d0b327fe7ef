import { parseArgs } from 'node:util';
import type { Row } from './row.js';
import { FULL, type Settings, SHORT } from './settings.js';

/** What `pnpm bench` was asked for. */
export interface Command {
  readonly rows: readonly Row[];
  readonly settings: Settings;
  /** Whether the pages under docs/ are written: only a full run of everything may, by the clock on the wall. */
  readonly writes: boolean;
  /** Whether the rows that were measured are put among the figures of the last full run on this version of Node. */
  readonly adds: boolean;
  /** Nothing is measured: the pages are made again from the figures that are there. */
  readonly pagesOnly: boolean;
  /** Where processes of entra-guard leave CPU profiles. Figures are lower then. */
  readonly profile: string | undefined;
}

/** @throws Error that says what can be asked for */
export function commandLine(args: readonly string[], rows: readonly Row[]): Command {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      short: { type: 'boolean', default: false },
      pages: { type: 'boolean', default: false },
      add: { type: 'boolean', default: false },
      profile: { type: 'string' },
      clock: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
  });
  const { short, only, pages, add, profile, clock } = values;
  if (clock !== undefined && clock !== 'wall' && clock !== 'processor') {
    throw new Error(`There is no clock "${clock}". There are: wall, processor.`);
  }
  const unknown = only?.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) {
    throw new Error(`No row is called "${unknown}". There are: ${rows.map(({ name }) => name).join(', ')}.`);
  }
  if (add && (only === undefined || short || profile !== undefined)) {
    throw new Error('--add adds the rows that --only names, in their full form and without a profile.');
  }
  const chosen = rows.filter((row) => (only === undefined ? !short || row.short : only.includes(row.name)));
  const settings = short ? SHORT : FULL;
  return {
    rows: chosen,
    settings: { ...settings, clock: clock ?? settings.clock },
    writes: !short && only === undefined && profile === undefined && clock !== 'processor',
    adds: add,
    pagesOnly: pages,
    profile,
  };
}
