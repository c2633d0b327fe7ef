// Writes what assistants read: a Markdown twin of each page, `llms.txt` that lists them, and `llms-full.txt` that holds all
// hand-written ones (https://llmstxt.org).
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { built, gathered } from './folders.mjs';
import { summaryOf } from './pages.mjs';

const ABOUT =
  'Validates Microsoft Entra ID access tokens and enforces permissions per route, for Express, NestJS and any other Node server.';

/**
 * @param pages as `gather` returns them
 * @param sidebar the groups in which `llms.txt` lists them
 */
export function writeTwins(pages, sidebar) {
  const texts = new Map();
  for (const { place } of pages) {
    const text = readFileSync(join(gathered, place), 'utf8')
      .replace(/^---\n[\s\S]*?\n---\n/, `# entra-guard\n\n${ABOUT}\n`)
      .replaceAll(/^::: ?code-group\n|^:::\n/gm, '');
    texts.set(place, text);
    const file = join(built, place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  writeFileSync(join(built, 'llms.txt'), listOf(sidebar, texts));
  // Twins show the pictures under the names that they have in the repository's pages.
  cpSync(join(gathered, 'pictures'), join(built, 'pictures'), { recursive: true });
  const whole = pages
    .filter(({ kind }) => kind === 'written')
    .map(({ place }) => `<!-- ${place} -->\n\n${texts.get(place).trim()}\n`);
  writeFileSync(join(built, 'llms-full.txt'), whole.join('\n'));
}

function listOf(sidebar, texts) {
  const seen = new Set();
  const base = process.env.SITE_BASE ?? '/';
  const groups = sidebar.map(({ text, items }) => {
    const lines = items
      .flatMap(({ items: nested = [], ...item }) => [item, ...nested])
      .flatMap(({ text: shown, link }) => {
        const place = link
          .replace(/#.*$/, '')
          .replace(/^\//, '')
          .replace(/\/$/, '/index')
          .replace(/\.html$/, '');
        const content = texts.get(`${place}.md`);
        if (content === undefined || seen.has(place)) return [];
        seen.add(place);
        return [`- [${shown}](${base}${place}.md): ${summaryOf(content.replace(/^# .*$/m, ''))}`];
      });
    return lines.length === 0 ? '' : `## ${text}\n\n${lines.join('\n')}\n`;
  });
  return `# entra-guard\n\n> ${ABOUT}\n\nAll pages in one file: ${base}llms-full.txt\n\n${groups.filter(Boolean).join('\n')}`;
}
