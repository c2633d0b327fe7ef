// Guards a foreign application by the steps of packages/nestjs/README.md: what `nest new` generates, for NestJS 10, 11 and
// 12. `pnpm starter`, or `pnpm starter 11` for one of them. Takes some minutes, so CI does it on demand.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './free-port.mjs';
import { ownTerminal, packAll, root, run } from './workspace.mjs';

const { startEntra } = await import(join(root, 'packages/testing/dist/esm/index.js'));

const supported = ['10', '11', '12'];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : supported;
const unknown = wanted.filter((major) => !supported.includes(major));
if (unknown.length > 0) {
  console.error(`There is no NestJS ${unknown.join(', ')} here. There are ${supported.join(', ')}.`);
  process.exit(1);
}

const temporary = mkdtempSync(join(tmpdir(), 'entra-guard-starter-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const tarballs = await packAll(temporary);
const tarball = (name) => `file:${tarballs.get(`@entra-guard/${name}`)}`;
const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--ignore-scripts'];

let failed = 0;
for (const major of wanted) {
  try {
    await guardStarter(major);
  } catch (error) {
    failed++;
    console.log(`FAIL  NestJS ${major}: ${error instanceof Error ? error.message : error}`);
  }
}
console.log(
  failed === 0 ? `The starters of NestJS ${wanted.join(', ')} are guarded.` : `${failed} starters failed.`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function guardStarter(major) {
  const folder = join(temporary, `nest${major}`);
  const step = async (name, command, args, options = {}) => {
    const { status, output } = await run(command, args, {
      cwd: folder,
      env: { ...ownTerminal, ...options.env },
      timeout: 300_000,
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    if (status !== 0) throw new Error(`${name} ended with status ${status}:\n${output.trim()}`);
    console.log(`ok    NestJS ${major}: ${name}`);
  };
  const edit = (file, ...changes) => {
    const path = join(folder, file);
    let text = readFileSync(path, 'utf8');
    for (const [what, by] of changes) {
      if (!text.includes(what)) throw new Error(`${file} does not hold what was to be changed: ${what}`);
      text = text.replace(what, by);
    }
    writeFileSync(path, text);
  };

  const made = ['--skip-install', '--skip-git', '--package-manager', 'npm', '--language', 'ts'];
  await step('nest new', 'npx', ['--yes', `@nestjs/cli@${major}`, 'new', `nest${major}`, ...made], {
    cwd: temporary,
  });
  await step('npm install', 'npm', ['install', ...quiet]);
  await step('its own tests, untouched', 'npm', ['test']);
  await step('its own e2e tests, untouched', 'npm', ['run', 'test:e2e']);

  await step('npm install @entra-guard/nestjs', 'npm', [
    'install',
    ...quiet,
    tarball('core'),
    tarball('nestjs'),
  ]);
  await step('npm install --save-dev @entra-guard/testing', 'npm', [
    'install',
    '--save-dev',
    ...quiet,
    tarball('testing'),
  ]);
  edit(
    'src/app.module.ts',
    [
      "import { Module } from '@nestjs/common';",
      "import { EntraGuardModule } from '@entra-guard/nestjs';\nimport { Module } from '@nestjs/common';",
    ],
    [
      'imports: []',
      `imports: [
    EntraGuardModule.forRootAsync({
      useFactory: () => ({ authority: process.env.AUTHORITY ?? '', clientId: process.env.CLIENT_ID ?? '' }),
    }),
  ]`,
    ],
  );
  const entra = await startEntra({ port: 0 });
  try {
    await step('npm run build', 'npm', ['run', 'build']);
    await served(folder, entra, async (origin, log) => {
      assert.equal(await status(origin, '/', entra.user('ada', { scp: 'Hello.Read' }).headers), 403);
      assert.match(log(), /AppController\.getHello/, 'the handler that declares nothing is named at boot');
    });
    console.log(
      `ok    NestJS ${major}: the handler that declares nothing refuses every caller, and is named`,
    );

    edit(
      'src/app.controller.ts',
      [
        'import { Controller',
        "import { Public, RequireScopes } from '@entra-guard/nestjs';\nimport { Controller",
      ],
      ['  @Get()\n', "  @Get()\n  @RequireScopes('Hello.Read')\n"],
      [
        /\n}\n$/.exec(readFileSync(join(folder, 'src/app.controller.ts'), 'utf8'))[0],
        "\n\n  @Get('health')\n  @Public()\n  health(): string {\n    return 'up';\n  }\n}\n",
      ],
    );
    edit(
      'test/app.e2e-spec.ts',
      [
        'import { Test',
        "import { ENTRA_GUARD_OPTIONS } from '@entra-guard/nestjs';\nimport { startEntra } from '@entra-guard/testing';\nimport { Test",
      ],
      [
        '    }).compile();',
        '    })\n      .overrideProvider(ENTRA_GUARD_OPTIONS)\n      .useValue(entra.options())\n      .compile();',
      ],
      [
        '  beforeEach(async () => {\n',
        '  let entra: Awaited<ReturnType<typeof startEntra>>;\n\n  beforeEach(async () => {\n    entra = await startEntra();\n',
      ],
      [".get('/')\n", ".get('/')\n      .set(entra.user('ada', { scp: 'Hello.Read' }).headers)\n"],
      ["  it('/ (GET)'", "  afterEach(() => entra.close());\n\n  it('/ (GET)'"],
    );
    await step('its own tests, guarded', 'npm', ['test']);
    await step('its own e2e tests, with a token', 'npm', ['run', 'test:e2e']);
    await step('npm run build, guarded', 'npm', ['run', 'build']);
    await served(folder, entra, async (origin) => {
      const asked = async (path, headers) => `${path} ${await status(origin, path, headers)}`;
      assert.deepEqual(
        [
          await asked('/'),
          await asked('/', entra.wrong.expired().headers),
          await asked('/', entra.user('ada', { scp: 'Other' }).headers),
          await asked('/', entra.user('ada', { scp: 'Hello.Read' }).headers),
          await asked('/health'),
        ],
        ['/ 401', '/ 401', '/ 403', '/ 200', '/health 200'],
      );
    });
    console.log(
      `ok    NestJS ${major}: 401 without a token, 403 with the wrong scope, 200 with the right one, open where it says so`,
    );
  } finally {
    await entra.close();
  }
}

async function status(origin, path, headers = {}) {
  const answer = await fetch(`${origin}${path}`, { headers });
  await answer.text();
  return answer.status;
}

/** Starts the built application as its README says, and ends it. */
async function served(folder, entra, use) {
  const port = await freePort();
  const { authority, clientId } = entra.options();
  const child = spawn('npm', ['run', 'start:prod'], {
    cwd: folder,
    env: { ...process.env, ...ownTerminal, PORT: String(port), AUTHORITY: authority, CLIENT_ID: clientId },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const ended = new Promise((resolve) => child.on('close', resolve));
  try {
    const origin = `http://127.0.0.1:${port}`;
    for (let tries = 0; !(await status(origin, '/').catch(() => 0)); tries++) {
      if (tries > 300 || child.exitCode !== null) throw new Error(`it does not start:\n${output}`);
      await setTimeout(100);
    }
    await use(origin, () => output);
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}
