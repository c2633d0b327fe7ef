import type { Inventory, InventoryEntry } from '@entra-guard/catalogue';
import { describe, expect, it } from 'vitest';
import { inventoryCsv } from '../../../packages/cli/src/report/csv.js';
import { inventoryHtml } from '../../../packages/cli/src/report/html.js';
import { inventoryMarkdown } from '../../../packages/cli/src/report/markdown.js';
import { inventoryTable } from '../../../packages/cli/src/report/table.js';

const plain = (text: string): string => text;
const style = { bold: plain, faint: plain, good: plain, bad: plain, warning: plain, heading: plain };

const entry = (changes: Partial<InventoryEntry>): InventoryEntry => ({
  method: 'GET',
  path: '/',
  access: 'public',
  permissions: [],
  reasons: [],
  ...changes,
});
const inventory = (...handlers: readonly Partial<InventoryEntry>[]): Inventory => ({
  handlers: handlers.map(entry),
  catalogues: [],
  warnings: [],
});

describe('whatever paths and reasons hold', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['=a,"b"', '"\'=a,""b"""'],
    ['harmless = 1', 'harmless = 1'],
  ])('a spreadsheet takes %s for text', (reason, cell) => {
    expect(inventoryCsv(inventory({ reasons: [reason] }))).toBe(
      `Method,Path,Handler,Access,Requirement,Reason,Owner\r\nGET,/,,public,,${cell},\r\n`,
    );
  });

  it('Markdown takes it for text', () => {
    const page = inventoryMarkdown(inventory({ path: '/a|b', reasons: ['[x](y) <b>*z*</b> `q` _u_ \\'] }));
    expect(page).toContain(
      '| GET | /a\\|b |  | public |  | \\[x\\](y) \\<b\\>\\*z\\*\\</b\\> \\`q\\` \\_u\\_ \\\\ |  |',
    );
  });

  it('no control character of it gets anywhere', () => {
    const hostile = inventory({
      path: '/\u001b[2J',
      reasons: ['two\nlines\u202e'],
      owner: { team: 'a\u0007' },
    });
    for (const page of [
      inventoryTable(hostile, style),
      inventoryCsv(hostile),
      inventoryMarkdown(hostile),
      inventoryHtml(hostile, { name: 'orders', at: 0 }),
    ]) {
      for (const sign of ['\u001b', '\u0007', '\u202e']) expect(page).not.toContain(sign);
      expect(page).toContain(
        'two\\u{a}lines\\u{202e}'.replaceAll('\\', page.startsWith('# ') ? '\\\\' : '\\'),
      );
    }
  });
});

describe('a table in the terminal', () => {
  it('leaves out columns that are empty, and says nothing of what is not there', () => {
    expect(inventoryTable(inventory({}), style)).toBe(
      'Method  Path  Access\nGET     /     public\n\n1 handler, 1 public; 0 warnings.\n',
    );
    expect(inventoryTable(inventory(), style)).toBe('0 handlers; 0 warnings.\n');
  });

  it('names whom to wake before whom to write to', () => {
    const owners = [
      { team: 'A' },
      { team: 'B', contact: 'b@x' },
      { team: 'C', contact: 'c@x', onCall: 'o@x' },
    ];
    const lines = inventoryTable(inventory(...owners.map((owner) => ({ owner }))), style).split('\n');
    expect(lines.slice(1, 4).map((line) => line.split(/ {2,}/).at(-1))).toEqual(['A', 'B (b@x)', 'C (o@x)']);
  });
});
