// Writes the reference of every package's entry points as Markdown, from the doc comments of the sources.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import GithubSlugger from 'github-slugger';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { repository, site } from './folders.mjs';

/** The source file of every package's every entry point. */
function entryPoints() {
  return readdirSync(join(repository, 'packages')).flatMap((folder) => {
    const file = join(repository, 'packages', folder, 'package.json');
    if (!existsSync(file)) return [];
    const { exports = {} } = JSON.parse(readFileSync(file, 'utf8'));
    return Object.values(exports).flatMap(({ import: built }) =>
      built === undefined
        ? []
        : [join(dirname(file), built.types.replace('./dist/esm/', 'src/').replace(/\.d\.ts$/, '.ts'))],
    );
  });
}

/**
 * Reads the sources. What the compiler says of their types is ignored: `pnpm build` has checked them.
 *
 * @returns a page for each entry point, and one that lists them: `{ place, text }`
 */
export async function writeApi() {
  const out = join(site, 'generated/api');
  rmSync(out, { recursive: true, force: true });
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(site, 'steps/tsconfig.api.json'),
    entryPoints: entryPoints(),
    skipErrorChecking: true,
    readme: 'none',
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    sort: ['kind', 'alphabetical'],
    githubPages: false,
    disableGit: true,
    logLevel: 'Error',
    outputFileStrategy: 'modules',
    outputs: [{ name: 'markdown', path: out }],
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    sanitizeComments: true,
    validation: false,
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      module.name = `@entra-guard/${module.name.replace('/src', '')}`;
    }
  });
  const project = await app.convert();
  await app.generateOutputs(project);
  const entries = readdirSync(join(out, '@entra-guard'), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.split(sep).join('/'))
    .sort();
  const texts = new Map(
    entries.map((name) => [name, legible(readFileSync(join(out, '@entra-guard', name), 'utf8'))]),
  );
  const anchors = new Map([...texts].map(([name, text]) => [name, anchorsOf(text)]));
  const pages = [...texts].map(([name, text]) => ({
    place: `api/${name}`,
    text: text.replaceAll(/\]\(([^)#\s]*)#([\w-]+)-\d+\)/g, (link, path, anchor) => {
      // The plugin counts names that differ in case as one; the anchors of a page do not always.
      const target = path === '' ? name : posix.join(posix.dirname(name), path);
      return anchors.get(target)?.has(link.slice(link.indexOf('#') + 1, -1)) ? link : `](${path}#${anchor})`;
    }),
  }));
  const list = entries.map((name) => `- [\`@entra-guard/${name.replace('.md', '')}\`](./${name})`).join('\n');
  const text = `# All entry points\n\nEach page holds what one \`import\` gives, from the doc comments of the code.\n\n${list}\n`;
  return [{ place: 'api/index.md', text }, ...pages];
}

/** Leaves out where a member is inherited from, which doubles a page, and links that lead nowhere: to types not exported. */
function legible(text) {
  return text
    .replaceAll(/^#{3,6} (?:Inherited from|Overrides|Implementation of)\n\n.+\n+/gm, '')
    .replaceAll(/\[([^\]]*)\]\(\)/g, '$1');
}

function anchorsOf(text) {
  const slugger = new GithubSlugger();
  return new Set(
    [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
      slugger.slug(heading.replaceAll(/[`\\]/g, '')),
    ),
  );
}
