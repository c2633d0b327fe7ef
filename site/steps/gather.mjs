// Gathers the pages of the site in `generated/pages`: hand-written ones, a page for each code, and the reference.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import GithubSlugger from 'github-slugger';
import { writeApi } from './api.mjs';
import { codeList, codePages, codesFrom } from './codes.mjs';
import { gathered, repository, site } from './folders.mjs';
import { pageOf } from './markdown.mjs';
import { placeOf, sources, titleOf } from './pages.mjs';
import { sidebarOf } from './sidebar.mjs';

const read = (source) => readFileSync(join(repository, source), 'utf8');

/**
 * @param withApi whether to write the reference anew, which takes some seconds
 * @returns the pages: `{ place, title, kind }`, where `kind` is `written`, `code` or `api`
 */
export async function gather({ withApi = true } = {}) {
  const keep = withApi ? [] : ['api'];
  if (keep.length === 0) rmSync(gathered, { recursive: true, force: true });
  const pages = [];
  const add = (kind, place, text) => {
    write(place, text);
    pages.push({ kind, place, title: titleOf(text) });
  };

  add('written', 'index.md', homePage());
  for (const source of sources) {
    const { text, pictures } = pageOf(source, read(source));
    add('written', placeOf(source), text);
    for (const [file, at] of pictures) copy(join(repository, file), at);
  }
  copy(join(site, 'icon.svg'), 'public/icon.svg');

  const slugger = new GithubSlugger();
  const codes = codePages(read(codesFrom), (heading) => slugger.slug(heading.replaceAll('`', '')));
  for (const { code, text } of codes)
    add('code', `codes/${code}.md`, pageOf(codesFrom, text, `codes/${code}.md`).text);
  const known = codes.map(({ code, parts }) => ({ code, parts }));
  writeFileSync(join(gathered, '../codes.json'), JSON.stringify(known));
  add('written', 'codes/index.md', codeList(codes));

  const decisions = pages.filter(({ place }) => place.startsWith('decisions/'));
  const listed = decisions.map(({ place, title }) => `- [${title}](./${posix.basename(place)})`).join('\n');
  add(
    'written',
    'decisions/index.md',
    `# Decisions\n\nWhy things are as they are: context, decision, consequences.\n\n${listed}\n`,
  );

  if (withApi) {
    for (const { place, text } of await writeApi()) add('api', place, text);
    writeFileSync(join(gathered, '../api.json'), JSON.stringify(pages.filter(({ kind }) => kind === 'api')));
  } else {
    pages.push(...JSON.parse(readFileSync(join(gathered, '../api.json'), 'utf8')));
  }
  const sidebar = sidebarOf(pages);
  writeFileSync(join(gathered, '../sidebar.json'), JSON.stringify(sidebar));
  writeFileSync(join(gathered, '../pages.json'), JSON.stringify(pages));
  return { pages, sidebar };
}

/** `home.md`, with the blocks of other pages in its places: `<!-- block: README.md Express -->` is the first one there. */
function homePage() {
  return readFileSync(join(site, 'home.md'), 'utf8').replaceAll(
    /^<!-- block: (\S+) (.+) -->$/gm,
    (_, source, heading) => {
      const section = read(source)
        .split(/^#+ /m)
        .find((part) => part.startsWith(`${heading}\n`));
      const block = /^```(?:ts|js)\n([\s\S]*?)^```$/m.exec(section ?? '')?.[1];
      if (block === undefined)
        throw new Error(
          `site/home.md shows a block of ${source}, "${heading}", and there is none: name another heading.`,
        );
      return `\`\`\`ts [${heading.replace('Test your API', 'A test')}]\n${block}\`\`\``;
    },
  );
}

function write(place, text) {
  const file = join(gathered, place);
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

function copy(from, place) {
  const to = join(gathered, place);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
