import { styleText } from 'node:util';

/** Style of a cell on a terminal. Elsewhere, and with `NO_COLOR`, `styleText` leaves the text plain. */
export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

/** One cell: its text, or its text and style. */
export type Cell = string | readonly [text: string, style: Style];

const gap = '  ';

/**
 * Lays out rows under their titles. Each column is as wide as its widest cell. The last column is wrapped so that lines
 * fit in `width`.
 */
export function table(titles: readonly string[], rows: readonly (readonly Cell[])[], width: number): string {
  const last = titles.length - 1;
  const widths = titles
    .slice(0, last)
    .map((title, column) => Math.max(title.length, ...rows.map((row) => textOf(row[column]).length)));
  const indent = widths.reduce((sum, one) => sum + one + gap.length, 0);
  const lines = [titles.map((title): Cell => [title, 'bold']), ...rows].flatMap((row) => {
    const [first = '', ...more] = wrapped(textOf(row[last]), Math.max(16, width - indent));
    const cells = widths.map((size, column) => styled(row[column], textOf(row[column]).padEnd(size)));
    return [
      [...cells, styled(row[last], first)].join(gap),
      ...more.map((line) => ' '.repeat(indent) + styled(row[last], line)),
    ];
  });
  return lines.join('\n');
}

/** Breaks a text into lines between words. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.[0] ?? '');
}

function styled(cell: Cell | undefined, text: string): string {
  return cell === undefined || typeof cell === 'string' ? text : styleText(cell[1], text);
}
