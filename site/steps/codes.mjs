// A page for each code, from docs/troubleshooting.md: from the heading that names the code, or from its row in a table.
/** The file that says what codes mean. */
export const codesFrom = 'docs/troubleshooting.md';
const CODE = /`([a-z]+(?:_[a-z]+)+|AADSTS\d+)`/g;

/**
 * @param text docs/troubleshooting.md
 * @param anchorOf returns the anchor of a heading, each time for the next heading of the page
 * @returns for each code `{ code, anchor, title, parts, text }`: the page's text, with links as from docs/troubleshooting.md
 */
export function codePages(text, anchorOf) {
  const found = new Map();
  for (const section of sectionsOf(text, anchorOf)) {
    for (const code of section.codes) {
      const known = found.get(code);
      if (known === undefined || (known.isRow && !section.isRow)) found.set(code, section);
    }
  }
  return [...found].map(([code, { anchor, under, status, body }]) => ({
    code,
    anchor,
    title: under,
    parts: partsOf(body),
    text: `# \`${code}\`\n\n_${[under, status].filter(Boolean).join(' · ')}_\n\n${body.trim()}\n\n[All codes](troubleshooting.md#${anchor})\n`,
  }));
}

/** What a page says, as plain text with its headings, for the page that explains pasted texts. */
function partsOf(body) {
  const plain = (text) =>
    text
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[`*]/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
  const [first, ...rest] = body.split(/^\*\*(.+?)\*\*(?:\n\n| )/m);
  const parts = [{ name: 'What it means', text: plain(first) }];
  for (let at = 0; at < rest.length; at += 2)
    parts.push({ name: plain(rest[at]), text: plain(rest[at + 1]) });
  return parts.filter(({ text }) => text !== '');
}

/** A section or a row for each code or codes. */
function sectionsOf(text, anchorOf) {
  const sections = [];
  const headings = [];
  let columns;
  let open;
  let fenced = false;
  for (const line of text.split('\n')) {
    if (/^```/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,6}) (.+)$/.exec(line);
    if (heading !== null) {
      const level = heading[1].length;
      while (headings.length > 0 && headings.at(-1).level >= level) headings.pop();
      const anchor = anchorOf(heading[2]);
      const codes = level > 1 ? codesIn(heading[2]) : [];
      open = undefined;
      if (codes.length > 0) {
        open = { codes, anchor, under: headings.at(-1)?.text ?? '', body: '', isRow: false };
        sections.push(open);
      }
      headings.push({ level, anchor, text: heading[2].replaceAll('`', '') });
      columns = undefined;
      continue;
    }
    if (open !== undefined) {
      open.body += `${line}\n`;
      continue;
    }
    const cells = fenced ? undefined : cellsOf(line);
    if (cells === undefined) columns = undefined;
    else if (columns === undefined) columns = cells;
    else if (!/^:?-+:?$/.test(cells[0])) {
      const codes = codesIn(cells[0]);
      if (codes.length === 0) continue;
      const body = cells
        .slice(1)
        .map((cell, at) => `**${capital(columns[at + 1] ?? '')}**\n\n${capital(cell)}`)
        .join('\n\n');
      const status = /\((\d{3})\)/.exec(cells[0])?.[1];
      const { anchor, text: under } = headings.at(-1);
      sections.push({ codes, anchor, under, status, body, isRow: true });
    }
  }
  return sections;
}

const codesIn = (text) => [...text.matchAll(CODE)].map(([, code]) => code);

const capital = (text) => (/^[a-z]/.test(text) ? text[0].toUpperCase() + text.slice(1) : text);

/** The cells of a table's row. A pipe in a code span is written `\|`. */
function cellsOf(line) {
  if (!/^\|.*\|\s*$/.test(line)) return undefined;
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The page that lists all codes. */
export function codeList(codes) {
  const groups = groupByTitle(codes);
  const lists = [...groups].map(
    ([title, list]) =>
      `## ${title}\n\n${list.map(({ code }) => `- [\`${code}\`](./${code}.md)`).join('\n')}\n`,
  );
  return `# Each code\n\nA page for each code of a refusal, and for each code of Entra that clients meet. On one page: [from a code to its cause and fix](../troubleshooting.md).\n\n${lists.join('\n')}`;
}

function groupByTitle(codes) {
  const groups = new Map();
  for (const one of codes) groups.set(one.title, [...(groups.get(one.title) ?? []), one]);
  return groups;
}
