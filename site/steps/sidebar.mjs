// The sidebar, from structure.mjs and the pages that there are.
import { structure } from '../structure.mjs';
import { placeOf, sources } from './pages.mjs';

const linkTo = (place) => `/${place.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html')}`;

/** Pages in no group, or entries without a page. */
export class MisplacedPages extends Error {}

/** Pages that the site makes itself. */
const OWN = {
  codes: '/codes/',
  api: '/api/',
  decisions: '/decisions/',
  'token-page': '/explain-a-token.html',
};

const isPage = (page) => placeOf(page) !== undefined;

/**
 * @param pages as `gather` returns them
 * @throws MisplacedPages that names each page in no group, and each entry without a page
 */
export function sidebarOf(pages) {
  const problems = [];
  const named = new Set();
  const groups = structure.map(({ text, items }) => ({
    text,
    items: items.flatMap((item) => {
      named.add(item.page);
      const { text: shown, page, heading } = isPage(item.page) ? item : { ...item, ...item.ahead };
      const link = OWN[page] ?? (isPage(page) ? linkTo(placeOf(page)) : undefined);
      if (link === undefined) {
        if (!item.ahead)
          problems.push(
            `site/structure.mjs: "${shown}" names ${page}, which does not exist. Remove the entry.`,
          );
        return [];
      }
      return [
        {
          text: shown,
          link: heading === undefined ? link : `${link}#${heading}`,
          ...(page === 'token-page' ? { target: '_self' } : {}),
          ...nested(page, pages),
        },
      ];
    }),
  }));
  for (const source of sources) {
    if (!named.has(source) && !source.startsWith('docs/decisions/'))
      problems.push(`${source} is in no group of site/structure.mjs. Add it where a reader looks for it.`);
  }
  if (problems.length > 0) throw new MisplacedPages(problems.join('\n'));
  return groups;
}

/** The pages below an entry. */
function nested(page, pages) {
  if (page !== 'api' && page !== 'decisions') return {};
  const items = pages
    .filter(({ place }) => place.startsWith(`${page}/`) && !place.endsWith('/index.md'))
    .map(({ place, title }) => ({ text: title.replace('@entra-guard/', ''), link: linkTo(place) }));
  return { collapsed: true, items };
}
