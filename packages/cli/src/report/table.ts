import type { Inventory, InventoryWarning } from '@entra-guard/catalogue';
import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import { ACCESS, COLUMNS, rowOf, summaryOf } from './inventory-rows.js';

/** An inventory for the terminal. Columns that are empty throughout are left out. */
export function inventoryTable(inventory: Inventory, style: Style): string {
  const { handlers, warnings } = inventory;
  const rows = handlers.map(rowOf);
  const shown = COLUMNS.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ''));
  const widths = shown.map((column) =>
    Math.max(...[COLUMNS[column] ?? '', ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (row: readonly string[], paint: (cell: string) => string = (cell) => cell): string =>
    shown
      .map((column, index) => paint((row[column] ?? '').padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  const lines = [
    ...(rows.length === 0 ? [] : [line(COLUMNS, style.bold)]),
    ...rows.map((row) => line(row, paintFor(row[3] ?? '', style))),
    ...(rows.length === 0 ? [] : ['']),
    ...warnings.flatMap((warning) => warningLines(warning, style)),
    ...(warnings.length === 0 ? [] : ['']),
    summaryOf(inventory),
  ];
  return `${lines.join('\n')}\n`;
}

function paintFor(access: string, style: Style): (cell: string) => string {
  if (access === ACCESS.open || access === ACCESS.denied) return style.bad;
  return access === ACCESS.required ? (cell) => cell : style.warning;
}

function warningLines({ code, message, fix }: InventoryWarning, style: Style): readonly string[] {
  return [`${style.warning(`${code}:`)} ${printable(message)}`, `    ${printable(fix)}`];
}
