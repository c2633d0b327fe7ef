import type { Aim, Bound } from './aim.js';
import type { RowResult } from './row.js';
import type { Spread } from './statistics.js';

/** Three significant digits, and thousands kept apart: 29,400; 3.21; 0.876. */
export function shownNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `0.876 (0.86 – 0.89)`: the median and the quartiles. */
export function shownSpread({ median, q1, q3 }: Spread): string {
  return `${shownNumber(median)} (${shownNumber(q1)} – ${shownNumber(q3)})`;
}

export function shownBound(bound: Bound, unit: Aim['unit']): string {
  const [sign, value] = 'atLeast' in bound ? ['≥', bound.atLeast] : ['≤', bound.atMost];
  return `${sign} ${value.toLocaleString('en-US')}${shownUnit(unit)}`;
}

export function shownUnit(unit: Aim['unit']): string {
  return unit === '×' ? ' ×' : ` ${unit}`;
}

/** The table of all aims: what was measured, what was aimed at, and whether it was met. */
export function aimTable(rows: readonly RowResult[]): readonly (readonly string[])[] {
  return [
    ['measure', 'entra-guard', 'measured', 'aim', ''],
    ...rows.flatMap(({ title, aims }) =>
      aims.map(({ what, measured, bound, unit, met }) => [
        title,
        what,
        `${shownSpread(measured)}${shownUnit(unit)}`,
        shownBound(bound, unit),
        met ? 'met' : 'missed',
      ]),
    ),
  ];
}

/** The contenders of one row, the fastest first where more is better. */
export function figureTable({ unit, reference, figures }: RowResult): readonly (readonly string[])[] {
  const besides = [...new Set(figures.flatMap(({ beside }) => Object.keys(beside ?? {})))];
  return [
    ['contender', unit, ...(reference === undefined ? [] : [`of ${reference}`]), ...besides],
    ...figures.map(({ contender, value, ratio, beside }) => [
      contender,
      shownSpread(value),
      ...(reference === undefined ? [] : [ratio === undefined ? '' : shownSpread(ratio)]),
      ...besides.map((name) => {
        const found = beside?.[name];
        return found === undefined ? '' : shownNumber(found);
      }),
    ]),
  ];
}

/** Columns as wide as their widest cell. */
export function plainTable(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => (line[column] ?? '').length)),
  );
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
