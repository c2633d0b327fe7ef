import { styleText } from 'node:util';

/** How a cell looks on a terminal. Elsewhere, and with `NO_COLOR`, `styleText` leaves it plain. */
export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

/** One cell: its text, and maybe how it looks. */
export type Cell = string | readonly [text: string, style: Style];

const gap = '  ';

/**
 * Lays out rows under their titles. Every column is as wide as its widest cell, but for the last one, which is wrapped
 * at the width of the whole.
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

/** Breaks a text between words. */
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
