// Bundles what the compiler wrote: one file for each entry point of a library, and one for what two of them share. A service
// loads those in a fraction of the time that a hundred modules take. Declarations stay as they are.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { entryPoints, packages, root } from './workspace.mjs';

/** Jest 26 and earlier know no module by the name `node:…`, and say only that a file is missing. */
const OLD_JEST = `try {
  require("node:util");
} catch (cause) {
  throw Object.assign(new Error("entra-guard can't load node:util. Jest knows Node's own modules by such names from version 27 on, and has the globals that are needed from 28 on: use Jest 28 or later."), { cause });
}`;

for (const { folder, manifest } of packages) {
  const entries = entryPoints(manifest);
  // Services do not load tools: of those, what the compiler wrote is published.
  if (existsSync(join(folder, 'build/esm'))) await bundle(folder, entries);
  writeFolders(folder, entries);
  if (manifest.files.includes('skills')) writeSkill(folder);
  // Node decides a file's module kind by the nearest package.json: the CommonJS build needs one of its own.
  write(join(folder, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
}

async function bundle(folder, entries) {
  const compiled = join(folder, 'build/esm');
  const bundled = await rolldown({
    input: Object.fromEntries(entries.map(({ built }) => [built, join(compiled, `${built}.js`)])),
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[a-z]:/i.test(id),
    platform: 'node',
    // What is imported for what it does stays, whatever "sideEffects" promises to others.
    treeshake: { moduleSideEffects: true },
  });
  for (const format of ['esm', 'cjs']) {
    const { output } = await bundled.generate({
      format,
      entryFileNames: '[name].js',
      chunkFileNames: 'shared/[name].js',
      exports: 'named',
      banner: format === 'cjs' ? OLD_JEST : '',
    });
    const destination = join(folder, 'dist', format);
    for (const { fileName, code } of output) write(join(destination, fileName), code);
    removeOthers(destination, new Set(output.map(({ fileName }) => join(destination, fileName))));
  }
  await bundled.close();
}

/** A folder for each entry point, for tools that do not read `exports`: Jest 27 and earlier, TypeScript with `node10`. */
function writeFolders(folder, entries) {
  for (const { path, built } of entries) {
    if (path === '.') continue;
    const entry = { main: `../dist/cjs/${built}.js`, types: `../dist/cjs/${built}.d.ts` };
    write(join(folder, path, 'package.json'), `${JSON.stringify(entry, undefined, 2)}\n`);
  }
}

/** For coding assistants, which read what is installed: the one text of this repository, in each package that ships it. */
function writeSkill(folder) {
  const path = 'skills/entra-guard/SKILL.md';
  write(join(folder, path), readFileSync(join(root, path), 'utf8'));
}

/** Leaves a file that has this text already: a process that loads it now must not find half of it. */
function write(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What an earlier build has left must not be published. */
function removeOthers(folder, wanted) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    const file = join(folder, entry);
    if (file.endsWith('.js') && !wanted.has(file)) rmSync(file);
  }
}
