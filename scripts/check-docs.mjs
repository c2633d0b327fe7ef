// Checks what the documentation shows: TypeScript and JavaScript compile, marked blocks run, shell commands exist, links
// lead to a file and a heading. CONTRIBUTING.md explains the comments that steer it.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pinnedPnpm, readJson, root, run } from './workspace.mjs';

const scratch = join(root, 'test/.docs-check');
const preludes = join(root, 'scripts/docs-preludes');
const knownPreludes = readdirSync(preludes)
  .filter((file) => !file.endsWith('.d.ts'))
  .map((file) => file.replace(/\.ts$/, ''));
const { scripts } = readJson(join(root, 'package.json'));
/** Languages that are shown and not checked. */
const prose = new Set(['text', 'http', 'yaml', 'mermaid', 'diff', 'console', 'sql']);
const aliases = { typescript: 'ts', javascript: 'js', sh: 'bash', shell: 'bash', yml: 'yaml', txt: 'text' };

/** Anchors of the pages that were linked to, by page. */
const anchors = new Map();

const problems = [];
const report = (page, line, text) => problems.push(`${page}:${line}: ${text}`);

const units = [];
const pages = documentation();
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = read(page, text);
  checkLinks(page, text);
  for (const block of blocks) await checkBlock(block);
  units.push(...compilationUnits(page, blocks));
}

const listed = readFileSync(join(root, 'scripts/README.md'), 'utf8');
for (const name of readdirSync(join(root, 'scripts'))) {
  if (name !== 'README.md' && !new RegExp(`^\\| \`${name}/?\` \\|`, 'm').test(listed))
    report('scripts/README.md', 1, `has no row for ${name}.`);
}

rmSync(scratch, { recursive: true, force: true });
try {
  if (units.length > 0) {
    prepare();
    await compile();
    for (const unit of units) if (unit.run && !unit.broken) await execute(unit);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

problems.sort(new Intl.Collator('en', { numeric: true }).compare);
for (const problem of problems) console.error(problem);
const executed = units.filter((unit) => unit.run).length;
console.log(
  `${pages.length} pages, ${units.length} programs compiled, ${executed} run, ${problems.length} problems.`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

/** README.md and its neighbours, docs, the skills for coding assistants, and the README of every package and of the scripts. */
function documentation() {
  const found = readdirSync(root).filter((name) => name.endsWith('.md'));
  found.push('scripts/README.md');
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== 'node_modules') walk(path);
      else if (entry.name.endsWith('.md')) found.push(path);
    }
  };
  for (const folder of ['docs', 'skills']) if (existsSync(join(root, folder))) walk(folder);
  for (const group of ['packages', 'examples']) {
    if (!existsSync(join(root, group))) continue;
    for (const name of readdirSync(join(root, group))) found.push(`${group}/${name}/README.md`);
  }
  return found.filter((page) => existsSync(join(root, page))).sort();
}

/** The fenced blocks of a page, each with its language, its first line, its text and the marks before it. */
function read(page, text) {
  const blocks = [];
  let marks = {};
  let open;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (open !== undefined) {
      if (line.trim().startsWith(open.fence) && line.trim().replaceAll(open.fence[0], '') === '') {
        blocks.push(open);
        open = undefined;
      } else {
        open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
      }
      continue;
    }
    const comment = /^\s*<!--\s*check:\s*(.*?)\s*-->\s*$/.exec(line);
    const fence = /^([\s>]*)(`{3,}|~{3,})\s*([\w+-]*)/.exec(line);
    if (comment !== null) {
      marks = readMarks(page, index + 1, comment[1]);
    } else if (fence !== null) {
      const [, indent, characters, language] = fence;
      // A block's own lines start below its fence; index + 2 because lines are counted from 1.
      open = { page, line: index + 2, indent, fence: characters, marks, lines: [] };
      open.language = aliases[language] ?? language;
      marks = {};
    } else if (line.trim() !== '') {
      if (Object.keys(marks).length > 0)
        report(page, index + 1, 'a "check:" comment has to stand right before a block.');
      marks = {};
    }
  }
  if (open !== undefined) report(page, open.line - 1, 'this block never ends.');
  return blocks;
}

function readMarks(page, line, text) {
  const skip = /^skip\s*\((.+)\)$/.exec(text);
  if (skip !== null) return { skip: skip[1] };
  const marks = {};
  for (const word of text.split(/[\s,]+/)) {
    const prelude = /^prelude=(.*)$/.exec(word)?.[1];
    if (prelude !== undefined && knownPreludes.includes(prelude)) marks.prelude = prelude;
    else if (word === 'run' || word === 'continues') marks[word] = true;
    else {
      const known = [
        'run',
        'continues',
        ...knownPreludes.map((name) => `prelude=${name}`),
        'skip (the reason)',
      ];
      report(page, line, `"check: ${word}" is not known; there are: ${known.join(', ')}.`);
    }
  }
  if (marks.run && marks.prelude)
    report(page, line, 'a block that runs has to be complete, so it takes no prelude.');
  return marks;
}

async function checkBlock({ page, line, language, lines, marks }) {
  if (marks.skip) return;
  const text = lines.join('\n');
  if (language === '') {
    report(page, line - 1, 'this block needs a language; use "text" for anything else.');
  } else if (language === 'json') {
    try {
      JSON.parse(text);
    } catch (error) {
      report(page, line, error.message);
    }
  } else if (language === 'bash') {
    checkCommands(page, line, lines);
    const { status, output } = await run('bash', ['-nc', text]);
    if (status !== 0) report(page, line, output.trim());
    if (marks.run) {
      const { status: ended, output: printed } = await run('bash', ['-euc', text], { timeout: 120_000 });
      if (ended !== 0) report(page, line, `this block fails:\n${printed.trim()}`);
    }
  } else if (!['ts', 'js'].includes(language) && !prose.has(language)) {
    report(page, line - 1, `"${language}" is not a language this check knows; see scripts/check-docs.mjs.`);
  }
}

/** Commands of this repository that are shown must exist, and `npx` must name the one pnpm that works here. */
function checkCommands(page, line, lines) {
  for (const [offset, text] of lines.entries()) {
    for (const [, pnpm, script] of text.matchAll(
      /(?:^|&&\s*|;\s*|\$\s+)(?:npx --yes (pnpm@\S+)|pnpm) (?:run )?([\w:.-]+)/g,
    )) {
      if (pnpm !== undefined && pnpm !== pinnedPnpm)
        report(page, line + offset, `names ${pnpm} and not ${pinnedPnpm}.`);
      const builtIn = ['install', 'add', 'exec', 'dlx'].includes(script) || script.startsWith('-');
      if (!builtIn && scripts[script] === undefined)
        report(page, line + offset, `there is no script "${script}".`);
    }
    for (const [, file] of text.matchAll(/(?:node|bash) ((?:scripts|\.ci|examples)\/[^\s'"]+)/g)) {
      if (!file.includes('/dist/') && !existsSync(join(root, file)))
        report(page, line + offset, `there is no ${file}.`);
    }
  }
}

/**
 * Links must lead to a file of this repository, and to a heading of it. The README of a package is read on npm too, where
 * only the package's published files are: it links to nothing outside its folder.
 */
function checkLinks(page, text) {
  const [home] = /^packages\/[^/]+\//.exec(page) ?? [];
  for (const [index, line] of withoutBlocks(text).split('\n').entries()) {
    for (const [, target] of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue;
      const [path, heading] = decodeURI(target).split('#');
      const file =
        path === '' ? page : relative(root, resolve(root, dirname(page), path)).replaceAll('\\', '/');
      if (home !== undefined && !file.startsWith(home))
        report(page, index + 1, `links to ${path}, which is not there on npm: name the file as text.`);
      else if (!existsSync(join(root, file)))
        report(page, index + 1, `links to ${path}, which is not there.`);
      else if (heading !== undefined && file.endsWith('.md') && !anchorsOf(file).has(heading))
        report(page, index + 1, `links to ${target}, and ${file} has no such heading.`);
    }
  }
}

/** A page with its fenced blocks emptied, so that lines keep their numbers. */
function withoutBlocks(text) {
  return text.replace(/^([\s>]*)(`{3,}|~{3,})[\s\S]*?^\1\2\s*$/gm, (block) => block.replace(/[^\n]/g, ''));
}

/** The anchors of a page's headings, by the rules of GitHub and npm. */
function anchorsOf(page) {
  if (anchors.has(page)) return anchors.get(page);
  const found = new Set();
  for (const [, heading] of withoutBlocks(readFileSync(join(root, page), 'utf8')).matchAll(/^#+ +(.*)$/gm)) {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let repeated = 0;
    while (found.has(repeated === 0 ? anchor : `${anchor}-${repeated}`)) repeated += 1;
    found.add(repeated === 0 ? anchor : `${anchor}-${repeated}`);
  }
  anchors.set(page, found);
  return found;
}

/** One program for every block of code, or for a block and those that continue it. */
function compilationUnits(page, blocks) {
  const found = [];
  let current;
  for (const block of blocks) {
    if (!['ts', 'js'].includes(block.language)) continue;
    const { marks } = block;
    if (marks.skip) {
      current = undefined;
    } else if (marks.continues) {
      if (current === undefined) {
        report(page, block.line, 'there is no block of code before this one that it could continue.');
        continue;
      }
      current.blocks.push(block);
      current.run ||= marks.run === true;
    } else {
      current = {
        page,
        language: block.language,
        prelude: marks.prelude ?? 'none',
        run: marks.run === true,
        blocks: [block],
      };
      found.push(current);
    }
  }
  for (const unit of found) {
    const slug = `${page.replace(/\.md$/, '').replaceAll(/[^\w]+/g, '-')}-${unit.blocks[0].line}`;
    unit.file = join(scratch, unit.prelude, `${slug}.${extension(unit)}`);
  }
  return found;
}

/** Programs are ESM; JavaScript that calls `require` and imports nothing is CommonJS. */
function extension({ language, blocks }) {
  if (language === 'ts') return 'mts';
  return /^\s*(import|export)\b/m.test(blocks.map(({ lines }) => lines.join('\n')).join('\n'))
    ? 'mjs'
    : 'cjs';
}

/** Writes the programs, so that a line of a program is the same line of its page. */
function prepare() {
  for (const unit of units) {
    const lines = [];
    for (const block of unit.blocks) {
      while (lines.length < block.line - 1) lines.push('');
      lines.push(...block.lines);
    }
    // Makes a module of it where it imports nothing.
    if (unit.file.endsWith('.mts')) lines.push('export {};');
    mkdirSync(dirname(unit.file), { recursive: true });
    writeFileSync(unit.file, `${lines.join('\n')}\n`);
  }
  // The tests have two majors of Express under other names; documentation writes "express".
  const modules = join(scratch, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(join(root, 'test/node_modules/express5'), join(modules, 'express'), 'junction');
  symlinkSync(join(root, 'test/node_modules/@types/express5'), join(modules, '@types/express'), 'junction');
}

async function compile() {
  for (const prelude of new Set(units.map((unit) => unit.prelude))) {
    const folder = join(scratch, prelude);
    if (prelude !== 'none') {
      // A copy: what it imports has to be found from here.
      writeFileSync(join(folder, 'prelude.ts'), readFileSync(join(preludes, `${prelude}.ts`)));
    }
    const config = {
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023'],
        module: 'nodenext',
        strict: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        esModuleInterop: true,
        allowJs: true,
        checkJs: true,
        skipLibCheck: true,
        types: ['node'],
        rootDir: '.',
        outDir: 'out',
        paths: {
          supertest: [join(preludes, 'supertest.d.ts')],
          '@rekog/mcp-nest': [join(root, 'test/hosts/nest/12/node_modules/@rekog/mcp-nest')],
        },
      },
      include: ['*'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status, output } = await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
    });
    let told = false;
    for (const line of output.split('\n')) {
      const found = /^(\S+?)\((\d+),\d+\): error (TS\d+): (.*)$/.exec(line);
      if (found === null) {
        if (line.trim() === '') continue;
        // The rest of a message of several lines, or a complaint about no file.
        if (told) problems[problems.length - 1] += `\n${line}`;
        else if (status !== 0) problems.push(line);
        continue;
      }
      const [, file, number, code, text] = found;
      const unit = units.find((candidate) => candidate.file === resolve(folder, file));
      // JavaScript can't say the types that TypeScript asks for: TS7005 to TS7053 are "implicitly any".
      told = !(unit?.language === 'js' && /^TS70\d\d$/.test(code));
      if (told && unit !== undefined) unit.broken = true;
      if (told)
        report(unit?.page ?? relative(root, join(preludes, `${prelude}.ts`)), number, `${text} (${code})`);
    }
  }
}

/** Runs a program that compiled. It has to end without help. */
async function execute(unit) {
  const compiled = join(
    dirname(unit.file),
    'out',
    unit.file
      .split(/[\\/]/)
      .at(-1)
      .replace(/\.mts$/, '.mjs'),
  );
  const [{ line }] = unit.blocks;
  if (!existsSync(compiled)) return;
  const { status, output } = await run(process.execPath, [compiled], { cwd: scratch, timeout: 30_000 });
  if (status !== 0) report(unit.page, line, `this program fails:\n${output.trim()}`);
}
