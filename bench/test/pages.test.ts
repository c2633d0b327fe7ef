import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aim } from '../engine/aim.js';
import { chart } from '../engine/chart.js';
import { pagesOf, readReports, withRows } from '../engine/pages.js';
import type { RowResult } from '../engine/row.js';
import { spreadOf } from '../engine/statistics.js';
import { plainTable, shownNumber, shownSpread } from '../engine/table.js';

const row: RowResult = {
  row: 'repeated',
  title: 'Repeated tokens',
  unit: 'tokens/s',
  reference: 'crypto.hash + Map',
  figures: [
    { contender: 'crypto.hash + Map', value: spreadOf([400_000]), ratio: spreadOf([1]) },
    { contender: 'entra-guard', value: spreadOf([340_000, 350_000, 360_000]), ratio: spreadOf([0.875]) },
    {
      contender: 'a <peer> & friend',
      value: spreadOf([100_000]),
      ratio: spreadOf([0.25]),
      beside: { cpu: 12 },
    },
  ],
  aims: [
    aim('of crypto.hash + Map', spreadOf([0.875]), { atLeast: 0.85 }),
    aim('of a peer', spreadOf([1.5]), { atLeast: 1.7 }),
  ],
  notes: ['One hundred tokens.'],
};
const report = { node: '20.19.0', machine: ['Node 20'], setups: { 'entra-guard': 'defaults' }, rows: [row] };

describe('numbers', () => {
  it.each([
    [29_437, '29,400'],
    [347.4, '347'],
    [3.214, '3.21'],
    [0.8764, '0.876'],
    [0, '0'],
    [1_000_000, '1,000,000'],
    [-0.385, '-0.385'],
    [Number.NaN, 'NaN'],
  ])('%d is shown as %s', (value, shown) => {
    expect(shownNumber(value)).toBe(shown);
  });

  it('come with their quartiles', () => {
    expect(shownSpread(spreadOf([1, 2, 3, 4, 5]))).toBe('3.00 (2.00 – 4.00)');
  });
});

describe('the pages', () => {
  it('hold every aim with what was measured and whether it was met', () => {
    const page = pagesOf([report]).get('docs/bench.md') ?? '';
    expect(page).toContain('1 of 2 aims were met');
    expect(page).toContain(
      '| Repeated tokens | of crypto.hash + Map | 0.875 (0.875 – 0.875) × | ≥ 0.85 × | met |',
    );
    expect(page).toContain('| Repeated tokens | of a peer | 1.50 (1.50 – 1.50) × | ≥ 1.7 × | missed |');
    expect(page).toContain('![Repeated tokens](bench/repeated.svg)');
    expect(page).toContain('| entra-guard | defaults |');
  });

  it('hold the figures as JSON, from which the same pages come again', () => {
    const pages = pagesOf([report]);
    const again = pagesOf([JSON.parse(pages.get('docs/bench/node-20.json') ?? '')]);
    expect([...again]).toEqual([...pages]);
  });

  it('have no chart where there is nobody to compare with', () => {
    const { reference: _, ...alone } = row;
    expect([...pagesOf([{ ...report, rows: [alone] }]).keys()]).toEqual([
      'docs/bench.md',
      'docs/bench/node-20.json',
    ]);
  });

  it('hold the aims on each version of Node, and the details of the newest', () => {
    const newer = { ...report, node: '26.1.0', rows: [{ ...row, aims: row.aims.slice(0, 1) }] };
    const pages = pagesOf([report, newer]);
    const page = pages.get('docs/bench.md') ?? '';
    expect(page.match(/^## Aims on Node .*$/gm)).toEqual([
      '## Aims on Node 26.1.0',
      '## Aims on Node 20.19.0',
    ]);
    expect(page).toContain('1 of 1 aims were met');
    expect(page).toContain('1 of 2 aims were met');
    expect(page).toContain('What follows was measured on Node 26.1.0.');
    expect(page.match(/^## Repeated tokens$/gm)).toHaveLength(1);
    expect(pages.get('docs/bench/node-26.json')).toContain('26.1.0');
    expect(pages.get('docs/bench/node-20.json')).toContain('20.19.0');
  });

  it('take rows that were measured apart, which say so', () => {
    const other = { ...report, node: '26.1.0' };
    const [first, second] = withRows(
      [report, other],
      {
        ...report,
        node: '20.20.2',
        setups: { 'entra-guard': 'other', jose: 'x' },
        rows: [
          { ...row, title: 'Newer' },
          { ...row, row: 'added' },
        ],
      },
      'processor time',
    );
    expect(first).toMatchObject({
      node: '20.19.0',
      setups: { 'entra-guard': 'defaults', jose: 'x' },
      rows: [
        { row: 'repeated', title: 'Newer', notes: ['One hundred tokens.', expect.stringContaining('apart')] },
        { row: 'added' },
      ],
    });
    expect(first?.rows).toHaveLength(2);
    expect(second).toBe(other);
  });

  it('can not be made of nothing', () => {
    expect(() => pagesOf([])).toThrow('Run pnpm bench first');
  });

  it('in docs/ are what the figures beside them give, typed in by nobody', () => {
    for (const [path, text] of pagesOf(readReports())) {
      expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), path).toBe(text);
    }
  });
});

describe('a chart', () => {
  it('has a bar for each contender, as long as its median', () => {
    const widths = [...chart(row).matchAll(/<rect class="(\w+)".* width="([\d.]+)"/g)].map(
      ([, kind, width]) => [kind, Number(width)],
    );
    expect(widths).toEqual([
      ['floor', 400],
      ['ours', 350],
      ['peer', 100],
    ]);
  });

  it('escapes names', () => {
    expect(chart(row)).toContain('a &lt;peer&gt; &amp; friend');
    expect(chart(row)).not.toContain('<peer>');
  });
});

describe('a plain table', () => {
  it('lines its columns up', () => {
    expect(
      plainTable([
        ['a', 'bcd'],
        ['efg', 'h'],
      ]),
    ).toBe('a    bcd\nefg  h');
  });
});
