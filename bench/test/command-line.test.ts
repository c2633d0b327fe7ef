import { describe, expect, it } from 'vitest';
import { commandLine } from '../engine/command-line.js';
import type { Row } from '../engine/row.js';
import { FULL, SHORT } from '../engine/settings.js';

const rows: readonly Row[] = [
  { name: 'new', short: true, run: async () => [] },
  { name: 'growth', short: false, run: async () => [] },
];
const asked = (...args: string[]) => {
  const { rows: chosen, settings, writes, pagesOnly } = commandLine(args, rows);
  return { names: chosen.map(({ name }) => name), settings, writes, pagesOnly };
};

describe('pnpm bench', () => {
  it('runs everything and writes the pages', () => {
    expect(asked()).toEqual({ names: ['new', 'growth'], settings: FULL, writes: true, pagesOnly: false });
  });

  it('--short runs part of it and writes nothing', () => {
    expect(asked('--short')).toMatchObject({ names: ['new'], settings: SHORT, writes: false });
  });

  it('--only runs one row, in the short form too, and writes nothing', () => {
    expect(asked('--only', 'growth')).toMatchObject({ names: ['growth'], settings: FULL, writes: false });
    expect(asked('--short', '--only', 'growth')).toMatchObject({ names: ['growth'], settings: SHORT });
  });

  it('takes the separator that some versions of pnpm pass on', () => {
    expect(asked('--', '--only', 'new').names).toEqual(['new']);
  });

  it('--clock processor leaves out what else the machine does, and writes nothing', () => {
    expect(asked('--clock', 'processor')).toMatchObject({ settings: { clock: 'processor' }, writes: false });
  });

  it('--pages measures nothing', () => {
    expect(asked('--pages').pagesOnly).toBe(true);
  });

  it.each([[['--only', 'nwe']], [['--fast']], [['--clock', 'sand']]])('refuses %j', (args) => {
    expect(() => commandLine(args, rows)).toThrow(/nwe.*There are: new, growth|--fast|sand/);
  });

  it('adds rows to the figures of a full run, if it is told which', () => {
    expect(commandLine(['--only', 'new', '--add', '--clock', 'processor'], rows)).toMatchObject({
      adds: true,
      writes: false,
    });
    for (const args of [['--add'], ['--add', '--only', 'new', '--short']]) {
      expect(() => asked(...args)).toThrow('--add adds the rows that --only names');
    }
  });
});
