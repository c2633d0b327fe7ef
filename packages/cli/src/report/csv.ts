import type { Inventory } from '@entra-guard/catalogue';
import { COLUMNS, rowOf } from './inventory-rows.js';

/** An inventory as CSV (RFC 4180). Spreadsheets would run what begins like a formula, so an apostrophe goes before it. */
export function inventoryCsv({ handlers }: Inventory): string {
  const rows = [COLUMNS, ...handlers.map(rowOf)];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
