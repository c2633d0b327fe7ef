/** How the page of an inventory looks, on a screen of either kind and on paper. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1b1b1f; --soft: #55555f; --line: #c9c9d2; --head: #f1f1f5; --page: #fff;
  --bad: #a4001d; --warn: #7a4b00; --focus: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececf1; --soft: #b4b4c0; --line: #4a4a55; --head: #26262d; --page: #17171c; --bad: #ff9aa8;
    --warn: #ffc56e; --focus: #8ab4ff; }
}
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: clamp(0.75rem, 3vw, 2rem); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
.taken { margin-bottom: 0; } .taken + p { margin-top: 0.25rem; }
.fix { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; overflow-wrap: break-word; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--head); position: sticky; top: 0; }
thead button { font: inherit; font-weight: bold; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
thead [aria-sort="ascending"] button::after { content: " \\25B2"; }
thead [aria-sort="descending"] button::after { content: " \\25BC"; }
tbody th { font-weight: normal; }
.path, .requirement { font-family: ui-monospace, monospace; font-size: 0.9rem; min-width: 12rem; } .reason { min-width: 9rem; }
.open .access, .denied .access { color: var(--bad); font-weight: bold; }
.public .access, .optional .access, .other-guard .access { color: var(--warn); font-weight: bold; }
input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: 0.3rem;
  padding: 0.3rem 0.5rem; box-sizing: border-box; width: min(100%, 20rem); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
li { margin: 0.4rem 0; }
@media screen and (max-width: 50rem) {
  table, thead, tbody { display: block; }
  thead tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0.4rem 0.6rem; background: var(--head); }
  thead tr:has(button)::before { content: "Sort by"; color: var(--soft); }
  thead th { position: static; padding: 0; border: 0; background: none; }
  tbody tr { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.1rem 0.75rem; padding: 0.6rem 0.25rem; border-bottom: 1px solid var(--line); }
  tbody tr[hidden], tbody td:empty { display: none; }
  tbody th, tbody td { padding: 0; border: 0; min-width: 0; }
  .method { grid-column: 1; grid-row: 1; } .path { grid-column: 2; grid-row: 1; align-self: center; }
  .access, .requirement, .reason, .owner, .handler { grid-column: 1 / -1; }
  .reason, .owner, .handler { color: var(--soft); font-size: 0.9rem; }
  .reason::before { content: "Reason: "; } .owner::before { content: "Owner: "; } .handler::before { content: "Handler: "; }
}
@media print {
  :root { --text: #000; --soft: #333; --line: #999; --head: #eee; --page: #fff; --bad: #000; --warn: #000; }
  body { margin: 0; font-size: 9pt; } .search { display: none; } .wide { overflow: visible; }
  .path, .requirement { min-width: 6rem; } .reason { min-width: 4rem; }
  thead { display: table-header-group; } thead th { position: static; } tr, li { break-inside: avoid; }
}
`;
