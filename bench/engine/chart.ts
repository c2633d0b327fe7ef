import type { Figure, RowResult } from './row.js';
import { shownNumber } from './table.js';

const WIDTH = 760;
const LABELS = 270;
const VALUES = 90;
const LINE = 28;
const BAR = 16;
const TOP = 52;

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .unit, .value { fill: #59636e; }
    .peer { fill: #b6bec8; }
    .floor { fill: #7d8793; }
    .ours { fill: #0a66c2; }
    .spread { stroke: #1f2328; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .unit, .value { fill: #9198a1; }
      .peer { fill: #4a525c; }
      .floor { fill: #7d8793; }
      .ours { fill: #4c9aff; }
      .spread { stroke: #e6edf3; }
    }`;

/** Bars of one row's medians, each with a line from quartile to quartile. */
export function chart({ title, unit, reference, figures }: RowResult): string {
  const height = TOP + figures.length * LINE + 12;
  const most = Math.max(...figures.map(({ value }) => value.q3));
  const scale = (value: number) => (Math.max(0, value) / most) * (WIDTH - LABELS - VALUES);
  const bars = figures.map((figure, index) => bar(figure, TOP + index * LINE, scale, reference));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>${escaped(`${title}, ${unit}`)}</title>
  <style>${STYLE}
  </style>
  <text class="title" x="8" y="22">${escaped(title)}</text>
  <text class="unit" x="8" y="40">${escaped(unit)}; medians, and lines from quartile to quartile</text>
${bars.join('\n')}
</svg>
`;
}

function bar(
  { contender, value }: Figure,
  top: number,
  scale: (value: number) => number,
  reference: string | undefined,
): string {
  const middle = top + LINE / 2;
  const isFloor = contender === reference || contender.startsWith('crypto.');
  const kind = isOurs(contender) ? 'ours' : isFloor ? 'floor' : 'peer';
  const [start, end] = [LABELS + scale(value.q1), LABELS + scale(value.q3)];
  return [
    `  <text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escaped(contender)}</text>`,
    `  <rect class="${kind}" x="${LABELS}" y="${middle - BAR / 2}" width="${fixed(scale(value.median))}" height="${BAR}" rx="2"/>`,
    `  <line class="spread" x1="${fixed(start)}" x2="${fixed(end)}" y1="${middle}" y2="${middle}"/>`,
    `  <text class="value" x="${fixed(Math.max(end, LABELS + scale(value.median)) + 8)}" y="${middle + 4}">${shownNumber(value.median)}</text>`,
  ].join('\n');
}

/** Whether figures are those of this repository's packages. */
export function isOurs(contender: string): boolean {
  return /^@?entra-guard\b/.test(contender);
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
