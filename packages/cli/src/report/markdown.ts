import type { Inventory } from '@entra-guard/catalogue';
import { printable } from '../output/printable.js';
import { COLUMNS, rowOf, summaryOf } from './inventory-rows.js';

/** An inventory as a page for a repository or a wiki. */
export function inventoryMarkdown(inventory: Inventory): string {
  const { handlers, warnings } = inventory;
  const lines = [
    '# Who may call what',
    '',
    summaryOf(inventory),
    '',
    line(COLUMNS),
    line(COLUMNS.map(() => '---')),
    ...handlers.map((entry) => line(rowOf(entry).map(escaped))),
    ...(warnings.length === 0 ? [] : ['', '## Warnings', '']),
    ...warnings.map(({ message, fix }) => `- ${escaped(printable(message))} ${escaped(printable(fix))}`),
  ];
  return `${lines.join('\n')}\n`;
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What Markdown or HTML would read something into. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|&]/g, (sign) => `\\${sign}`);
}
