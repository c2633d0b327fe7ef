// Which Markdown files of the repository are pages, and where each stands on the site.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './folders.mjs';

const inFolder = (folder) =>
  readdirSync(join(repository, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);

const readmes = (folder) =>
  readdirSync(join(repository, folder))
    .map((name) => `${folder}/${name}/README.md`)
    .filter((path) => existsSync(join(repository, path)));

/** Every hand-written page, by its path from the root of the repository. */
export const sources = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...inFolder('docs'),
  ...inFolder('docs/decisions'),
  ...readmes('packages'),
  ...readmes('examples'),
];

/** Where a page stands: `docs/tokens.md` is `tokens.md`. `undefined` for a file that is not a page. */
export function placeOf(source) {
  if (!sources.includes(source)) return undefined;
  if (source === 'README.md') return 'overview.md';
  return source
    .replace(/^docs\//, '')
    .replace(/\/README\.md$/, '.md')
    .replace(/^(SECURITY|CONTRIBUTING)\.md$/, (name) => name.toLowerCase());
}

/** The first heading of a page, as plain text. */
export function titleOf(text) {
  const heading = /^# (.+)$/m.exec(text)?.[1] ?? '';
  return heading.replaceAll(/[`*]/g, '');
}

/** The first paragraph of a page, as plain text of at most 200 characters. */
export function summaryOf(text) {
  const paragraph = text
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .split(/\n{2,}/)
    .find((part) => /^[\w*[`"“]/.test(part) && !part.startsWith('```'));
  const plain = (paragraph ?? '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll(/\s+/g, ' ');
  return plain.length <= 200 ? plain : `${plain.slice(0, 197).replace(/\s+\S*$/, '')} …`;
}
