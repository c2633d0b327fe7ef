import { createHash } from 'node:crypto';
import type { Inventory, InventoryEntry } from '@entra-guard/catalogue';
import { printable } from '../output/printable.js';
import { COLUMNS, rowOf, summaryOf } from './inventory-rows.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

/** What a page says of itself. */
export interface Taken {
  /** What people call the application. */
  readonly name: string;
  /** When the inventory was taken; milliseconds since the epoch. */
  readonly at: number;
}

/** What a reviewer looks for comes first, which on a small screen is the top of each card. */
const ORDER = [
  'Method',
  'Path',
  'Access',
  'Requirement',
  'Reason',
  'Owner',
  'Handler',
] as const satisfies readonly (typeof COLUMNS)[number][];

/**
 * An inventory as one page for reviewers: it needs no network, can be sorted and searched, and prints. Everything
 * is readable without scripts too.
 */
export function inventoryHtml(inventory: Inventory, { name, at }: Taken): string {
  const { handlers, catalogues, warnings } = inventory;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hash(PAGE_STYLE)}'; script-src '${hash(PAGE_SCRIPT)}'; base-uri 'none'; form-action 'none'">
<title>Who may call what: ${escaped(name)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>Who may call what</h1>
<p class="taken"><strong>${escaped(name)}</strong>, <time datetime="${new Date(at).toISOString()}">${DATE.format(at)} UTC</time></p>
<p>${escaped(summaryOf(inventory))}</p>
</header>
<main>
<section aria-labelledby="handlers">
<h2 id="handlers">Handlers</h2>
<p class="search" hidden><label for="search">Search</label> <input id="search" type="search" autocomplete="off"> <span id="found" role="status"></span></p>
<div class="wide" role="region" aria-label="Table of handlers" tabindex="0">
<table role="table">
<thead role="rowgroup">
<tr role="row">${ORDER.map((column) => `<th scope="col" role="columnheader">${column}</th>`).join('')}</tr>
</thead>
<tbody role="rowgroup">
${handlers.map(handlerRow).join('\n')}
</tbody>
</table>
</div>
</section>
${section(
  'Warnings',
  warnings.map(({ message, fix }) => `<li>${escaped(message)} <span class="fix">${escaped(fix)}</span></li>`),
)}
${section(
  'Permissions',
  catalogues.flatMap(({ api, scopes, appRoles }) =>
    [...scopes, ...appRoles].map(
      ({ value, description, because, enabled }) =>
        `<li><strong>${escaped(value)}</strong> of ${escaped(api)}${enabled ? '' : ' (retired)'}: ${escaped(description)} <span class="fix">Why: ${escaped(because)}</span></li>`,
    ),
  ),
)}
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function handlerRow(entry: InventoryEntry): string {
  const row = rowOf(entry);
  const cells = ORDER.map((column) => {
    const text = breakable(column, row[COLUMNS.indexOf(column)] ?? '');
    const name = column.toLowerCase();
    return column === 'Method'
      ? `<th scope="row" role="rowheader" class="${name}">${text}</th>`
      : `<td role="cell" class="${name}">${text}</td>`;
  });
  return `<tr role="row" class="${entry.access}">${cells.join('')}</tr>`;
}

/** Says where a long text may go on in the next line: paths between their parts, requirements between theirs. */
function breakable(column: (typeof ORDER)[number], text: string): string {
  const parts =
    column === 'Path'
      ? text.split(/(?<=[^/])(?=\/)/)
      : column === 'Requirement'
        ? text.split(/(?<=\b(?:anyOf|allOf)\()|(?<=,)/)
        : [text];
  return parts.map(escaped).join('<wbr>');
}

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

function section(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const id = title.toLowerCase();
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<ul>
${items.join('\n')}
</ul>
</section>`;
}

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? '');
}

/** Lets the page run exactly this, and nothing that slipped into it. */
function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
