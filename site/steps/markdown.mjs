// Turns a Markdown file of the repository into a page of the site: links lead to pages, and what only checks read is left out.
import { posix } from 'node:path';
import { placeOf } from './pages.mjs';

/** A code span, or a link or picture, whose text may hold code spans. */
const SPAN_OR_LINK = /(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)|(!?)\[((?:`[^`]*`|[^\]`[])*)\]\(([^)\s]*)\)/g;

/**
 * @param source the file's path from the root of the repository
 * @param place where the page stands, if it does not stand in the file's place
 * @returns the page's text, and the pictures that it shows, each with the place where it has to stand
 */
export function pageOf(source, text, place = placeOf(source)) {
  const pictures = new Map();
  const prose = (part) =>
    part
      .replaceAll(/^[ \t]*<!--[\s\S]*?-->[ \t]*\n?/gm, '')
      .replaceAll(SPAN_OR_LINK, (whole, code, picture, shown, target) => {
        if (code !== undefined) return namedPage(whole, place);
        if (picture !== '') {
          const file = posix.join(posix.dirname(source), target);
          const at = `pictures/${file.replace(/^docs\//, '').replace(/^images\//, '')}`;
          pictures.set(file, at);
          return `![${shown}](${relative(place, at)})`;
        }
        const link = linkFrom(source, place, target);
        return link === undefined ? shown : `[${shown}](${link})`;
      });
  return { text: outsideBlocks(text, prose), pictures };
}

/** Where a link of a file leads on the site; `undefined` for a file of the repository that is not a page. */
function linkFrom(source, place, target) {
  if (/^[a-z]+:/.test(target) || target.startsWith('#')) return target;
  const [path, anchor] = target.split('#');
  const file = posix.join(posix.dirname(source), path).replace(/\/$/, '');
  const page =
    placeOf(file) ??
    placeOf(`${file}/README.md`) ??
    (file === 'docs/decisions' ? 'decisions/index.md' : undefined);
  if (page === undefined) return undefined;
  return relative(place, page) + (anchor === undefined ? '' : `#${anchor}`);
}

/** The README of a package is read without the repository, so it names pages: `docs/tokens.md`. Here it links to them. */
function namedPage(code, place) {
  const name = /^`(docs\/[\w/-]+\.md)`$/.exec(code)?.[1];
  const page = name === undefined ? undefined : placeOf(name);
  return page === undefined ? code : `[${code}](${relative(place, page)})`;
}

export function relative(from, to) {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** Changes what stands outside fenced blocks. */
export function outsideBlocks(text, change) {
  const parts = [];
  let part = [];
  let fence;
  const close = (isCode) => {
    const joined = part.join('\n');
    parts.push(isCode ? joined : change(joined));
    part = [];
  };
  for (const line of text.split('\n')) {
    const mark = /^[\s>]*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) {
      part.push('');
      close(false);
      fence = mark;
      part.push(line);
    } else if (
      fence !== undefined &&
      mark?.startsWith(fence) &&
      line.trim().replace(/^[>\s]+/, '') === mark
    ) {
      part.push(line);
      close(true);
      fence = undefined;
      part.push('');
    } else {
      part.push(line);
    }
  }
  close(fence !== undefined);
  return parts.join('');
}
