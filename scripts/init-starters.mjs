// Runs `entra-guard init`, from tarballs as users get it, on what the generators of the frameworks make, and runs the test that it
// writes. `pnpm init:starters`, or `pnpm init:starters nest11` for one of them. With ENTRA_GUARD_FULL=1 on more of them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inPairs, ownTerminal, packAll, run } from './workspace.mjs';

/** What makes a service, and what `init` is to find in it. `always`: without ENTRA_GUARD_FULL=1 too. */
const starters = {
  express4: {
    always: true,
    made: expressGenerator,
    found: 'Express 4, JavaScript (CommonJS), no test runner',
  },
  nest11: { always: true, made: nestNew('11'), found: 'NestJS 11, TypeScript (CommonJS), jest' },
  nest12: { always: true, made: nestNew('12'), found: 'NestJS 12, TypeScript (ESM), vitest' },
  'new-express': { always: true, isNew: '--express', found: 'a new service on Express' },
  nest10: { made: nestNew('10'), found: 'NestJS 10, TypeScript (CommonJS), jest' },
  'new-nestjs': { isNew: '--nestjs', found: 'a new service on NestJS' },
  express5: { made: expressVitest, found: 'Express 5, TypeScript (ESM), vitest' },
  'express-jest': { made: expressJest, found: 'Express 5, TypeScript (CommonJS), jest' },
};

const full = process.env.ENTRA_GUARD_FULL === '1';
const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(starters, name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} here. There are ${Object.keys(starters).join(', ')}.`);
  process.exit(1);
}
const wanted =
  named.length > 0 ? named : Object.keys(starters).filter((name) => full || starters[name].always);

const temporary = mkdtempSync(join(tmpdir(), 'entra-guard-init-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--ignore-scripts'];
const tarballs = await packAll(temporary);
const tarball = (name) => `file:${tarballs.get(name)}`;

// Where npx would put the command, and what it depends on.
const tool = join(temporary, 'tool');
mkdirSync(tool);
writeFileSync(join(tool, 'package.json'), '{ "private": true }\n');
await must('npm install @entra-guard/cli', tool, 'npm', [
  'install',
  ...quiet,
  ...['cli', 'core', 'catalogue', 'codemod'].map((name) => tarball(`@entra-guard/${name}`)),
]);
const command = join(tool, 'node_modules/@entra-guard/cli/bin/entra-guard.js');

let failed = 0;
await inPairs(
  wanted.map((name) => async () => {
    const started = performance.now();
    try {
      await guard(name, starters[name]);
      console.log(`ok    ${name}: guarded, its test is green (${seconds(started)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }),
);
console.log(failed === 0 ? `All ${wanted.length} services are guarded.` : `${failed} services failed.`);
process.exitCode = failed === 0 ? 0 : 1;

async function guard(name, { made, isNew, found }) {
  const folder = join(temporary, name);
  if (made) await made(name, folder);
  const args = isNew ? ['init', '--new', name, isNew] : ['init', name];
  const init = (...more) =>
    run(process.execPath, [command, ...args, ...more], { cwd: temporary, env: ownTerminal });

  const before = isNew ? undefined : contentsOf(folder);
  const looked = await init('--dry-run');
  assert.ok(looked.output.includes(`Found: ${found}`), `it does not find ${found}:\n${looked.output}`);
  if (before) assert.deepEqual(contentsOf(folder), before, '--dry-run has written something');

  const { status, output } = await init('--yes', '--no-install');
  assert.ok(
    status === 0 || output.includes('by hand: test/app.e2e-spec.ts'),
    `init ended with ${status}:\n${output}`,
  );
  // What it says to install, from the tarballs.
  const lines = [...output.matchAll(/^ {2}npm install (.+)$/gm)].map(([, words]) => words.split(' '));
  assert.ok(lines.length > 0, `it does not say what to install:\n${output}`);
  for (const words of lines) {
    const packages = words.map((word) => word.replaceAll("'", '')).filter((word) => !word.startsWith('--'));
    const own = packages.some((word) => word.startsWith('@entra-guard/'));
    const from = packages.map((word) => (tarballs.has(word) ? tarball(word) : word));
    const more = own ? ['core', 'catalogue', 'codemod'].map((one) => tarball(`@entra-guard/${one}`)) : [];
    const development = words.includes('--save-dev') ? ['--save-dev'] : [];
    await must('npm install', folder, 'npm', ['install', ...development, ...quiet, ...from, ...more]);
  }
  const [, script] = /^ {2}npm (?:run )?(test\S*)$/m.exec(output) ?? [];
  assert.ok(script, `it does not say how to run the test:\n${output}`);
  await must(`npm run ${script}`, folder, 'npm', ['run', script]);

  if (isNew) return;
  const after = contentsOf(folder);
  const again = await init('--yes', '--no-install');
  assert.equal(again.status, 0, again.output);
  assert.deepEqual(contentsOf(folder), after, 'a second run has changed something');
}

async function must(what, cwd, program, args) {
  const { status, output } = await run(program, args, { cwd, env: ownTerminal, timeout: 300_000 });
  if (status !== 0) throw new Error(`${what} ended with status ${status}:\n${output.trim()}`);
}

function nestNew(major) {
  return async (name, folder) => {
    const made = ['--skip-install', '--skip-git', '--package-manager', 'npm', '--language', 'ts'];
    await must('nest new', temporary, 'npx', ['--yes', `@nestjs/cli@${major}`, 'new', name, ...made]);
    await must('npm install', folder, 'npm', ['install', ...quiet]);
  };
}

async function expressGenerator(name, folder) {
  await must('express-generator', temporary, 'npx', ['--yes', 'express-generator@4', '--view=pug', name]);
  await must('npm install', folder, 'npm', ['install', ...quiet]);
}

/** A service as people write them: ESM, TypeScript, a function that makes the application, and another file that listens. */
async function expressVitest(_name, folder) {
  await service(folder, {
    'package.json': {
      type: 'module',
      dependencies: { express: '^5.1.0' },
      devDependencies: { vitest: '^4.0.0', typescript: '^5.9.0' },
      scripts: { test: 'vitest run' },
    },
    'tsconfig.json': { compilerOptions: { module: 'nodenext', strict: true } },
    'src/app.ts': `import express from 'express';\n\nexport function createApp() {\n  const app = express();\n  app.use(express.json());\n  app.get('/orders', (_req, res) => {\n    res.json([]);\n  });\n  return app;\n}\n`,
    'src/server.ts': `import { createApp } from './app.js';\n\ncreateApp().listen(3000);\n`,
  });
}

async function expressJest(_name, folder) {
  await service(folder, {
    'package.json': {
      dependencies: { express: '^5.1.0' },
      devDependencies: {
        '@types/express': '^5.0.0',
        '@types/jest': '^30.0.0',
        jest: '^30.0.0',
        'ts-jest': '^29.4.0',
        typescript: '^5.9.0',
      },
      scripts: { test: 'jest' },
      jest: { preset: 'ts-jest' },
    },
    'tsconfig.json': {
      compilerOptions: { module: 'commonjs', target: 'es2022', esModuleInterop: true, strict: true },
    },
    'src/app.ts': `import express from 'express';\n\nconst app = express();\napp.get('/orders', (_req, res) => {\n  res.json([]);\n});\n\nexport default app;\n`,
  });
}

async function service(folder, files) {
  mkdirSync(join(folder, 'src'), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, path),
      typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`,
    );
  }
  await must('npm install', folder, 'npm', ['install', ...quiet]);
}

/** Each file of a service, installed ones aside. */
function contentsOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes('node_modules'))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );
}

function seconds(started) {
  return Math.round((performance.now() - started) / 1000);
}
