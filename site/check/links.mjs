// Every link of the built site leads to a file of it, and every anchor to an element.
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { built } from '../steps/folders.mjs';
import { filesOf, textOf } from './files.mjs';

const decoded = (text) => decodeURIComponent(text.replaceAll('&amp;', '&').replaceAll('&#39;', "'"));

/** @returns one line for each link that leads nowhere */
export function brokenLinks() {
  const pages = new Map(filesOf('.html').map((name) => [name, textOf(name)]));
  const ids = new Map(
    [...pages].map(([name, text]) => [
      name,
      new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => decoded(id))),
    ]),
  );
  const broken = new Set();
  for (const [name, text] of pages) {
    for (const [, written] of text.matchAll(/<(?:a|link|img|script)\b[^>]*?\s(?:href|src)="([^"]*)"/g)) {
      if (/^(?:[a-z]+:|\/\/)/i.test(written)) continue;
      const [path, anchor] = decoded(written).split('#');
      const at =
        path === ''
          ? name
          : pageAt(posix.join('/', path.startsWith('/') ? path : `${posix.dirname(name)}/${path}`));
      if (!isFile(at)) broken.add(`${name}: ${written} leads to no file`);
      else if (anchor && ids.has(at) && !ids.get(at).has(anchor))
        broken.add(`${name}: ${written} has no such heading`);
    }
  }
  return [...broken];
}

/** Links between the Markdown twins, which assistants follow. */
export function brokenTwins() {
  const broken = [];
  for (const name of [...filesOf('.md'), 'llms.txt']) {
    const prose = textOf(name)
      .replaceAll(/^[\s>]*(`{3,}|~{3,})[\s\S]*?^[\s>]*\1\s*$/gm, '')
      .replaceAll(/`[^`\n]*`/g, '`');
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target) || target.startsWith('#')) continue;
      const [path] = target.split('#');
      if (!isFile(pageAt(posix.join('/', path.startsWith('/') ? path : `${posix.dirname(name)}/${path}`))))
        broken.push(`${name}: ${target} leads to no file`);
    }
  }
  return broken;
}

const pageAt = (path) => (path.endsWith('/') ? `${path}index.html` : path).replace(/^\//, '');

function isFile(name) {
  const file = join(built, name);
  return existsSync(file) && statSync(file).isFile();
}
