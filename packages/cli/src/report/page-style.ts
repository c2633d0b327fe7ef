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
.fix { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; overflow-wrap: normal; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--head); position: sticky; top: 0; }
thead button { font: inherit; font-weight: bold; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
thead [aria-sort="ascending"] button::after { content: " \\25B2"; }
thead [aria-sort="descending"] button::after { content: " \\25BC"; }
tbody th { font-weight: normal; }
td:nth-child(2), td:nth-child(5) { font-family: ui-monospace, monospace; font-size: 0.9rem; overflow-wrap: anywhere; }
td:nth-child(2) { min-width: 10rem; } td:nth-child(5) { min-width: 14rem; }
tr.open td:nth-child(4), tr.denied td:nth-child(4) { color: var(--bad); font-weight: bold; }
tr.public td:nth-child(4), tr.optional td:nth-child(4) { color: var(--warn); font-weight: bold; }
input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: 0.3rem;
  padding: 0.3rem 0.5rem; box-sizing: border-box; width: min(100%, 20rem); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
li { margin: 0.4rem 0; }
@media print {
  :root { --text: #000; --soft: #333; --line: #999; --head: #eee; --page: #fff; --bad: #000; --warn: #000; }
  body { margin: 0; font-size: 9pt; } .search { display: none; } .wide { overflow: visible; }
  thead { display: table-header-group; } thead th { position: static; } tr, li { break-inside: avoid; }
}
`;
