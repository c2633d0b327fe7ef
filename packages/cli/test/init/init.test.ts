import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ended, runCommand, type World } from '../run-command.js';
import { EXPRESS, json, NEST, type Service, service } from './service.js';

const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';

const init = (
  { folder }: Service,
  args: readonly string[] = ['--yes', '--no-install'],
  world: World = {},
): Promise<Ended> => runCommand(['init', ...args], { cwd: folder, ...world });

/** What `init` says of a service, without writing. */
async function found(files: Readonly<Record<string, string | object>>): Promise<string> {
  const { stderr } = await init(service(files), ['--dry-run']);
  return /^Found: (.*)\.$/m.exec(stderr)?.[1] ?? stderr;
}

const express = (more: object, files: Readonly<Record<string, string | object>> = {}) => ({
  ...EXPRESS,
  'package.json': { ...EXPRESS['package.json'], ...more },
  ...files,
});

describe('recognises', () => {
  it.each([
    ['Express 4', express({}), 'Express 4, JavaScript (CommonJS), no test runner, npm'],
    ['Express 5', express({ dependencies: { express: '~5.0' } }), 'Express 5, '],
    [
      'the Express that is installed',
      express(
        { dependencies: { express: '*' } },
        { 'node_modules/express/package.json': { version: '5.1.0' } },
      ),
      'Express 5, ',
    ],
    [
      'an Express that does not say its version',
      express({ dependencies: { express: 'latest' } }),
      'Express, ',
    ],
    [
      'NestJS, and not the Express below it',
      {
        ...NEST,
        'package.json': {
          ...NEST['package.json'],
          dependencies: { '@nestjs/core': '10.4.1', express: '^5.0.0' },
        },
      },
      'NestJS 10, TypeScript (CommonJS), jest, npm',
    ],
    [
      'ESM',
      express(
        { type: 'module' },
        { 'app.js': "import express from 'express';\nexport const app = express();\n" },
      ),
      'JavaScript (ESM)',
    ],
    [
      'pnpm, by packageManager',
      express({ packageManager: 'pnpm@10.0.0' }, { 'package-lock.json': {} }),
      ', pnpm',
    ],
    ['pnpm, by its lockfile', express({}, { 'pnpm-lock.yaml': '' }), ', pnpm'],
    ['yarn, by its lockfile', express({}, { 'yarn.lock': '' }), ', yarn'],
    ['bun, by its lockfile', express({}, { 'bun.lock': '' }), ', bun'],
    ['Jest', express({ devDependencies: { jest: '^30.0.0' } }), ', jest, '],
    ['Vitest', express({ devDependencies: { vitest: '^4.0.0' } }), ', vitest, '],
    [
      'the runner that is used, of two',
      express({ scripts: { test: 'jest' }, devDependencies: { jest: '30', vitest: '4' } }),
      ', jest, ',
    ],
    ["Node's test runner", express({ scripts: { test: 'node --test' } }), ', node, '],
  ])('%s', async (_, files, expected) => {
    expect(await found(files)).toContain(expected);
  });

  it.each([
    ['fastify', 'fastify', 'requiring(guard', 'docs/fastify.md'],
    ['hono', 'hono', 'c.req.raw', 'docs/hono.md'],
    ['Azure Functions', '@azure/functions', "authLevel: 'anonymous'", 'docs/azure-functions.md'],
    ['Next.js', 'next', 'export const GET', 'docs/nextjs.md'],
  ])('%s, and shows its recipe', async (_, dependency, line, guide) => {
    const one = service({ 'package.json': { dependencies: { [dependency]: '*' } } });
    const before = one.files();
    const { code, stdout, stderr } = await init(one);
    expect(stdout).toContain(line);
    expect(stderr).toContain(`The guide is ${guide},`);
    // What is to be copied from the guide stands there, and is called in the same way.
    const text = readFileSync(join(import.meta.dirname, '../../../..', guide), 'utf8');
    const [, copied = '', from = ''] = /import { (\w+) } from .*copy it from ([\w/.-]+)/.exec(stdout) ?? [];
    expect(from).toBe(guide);
    expect(text).toContain(`export function ${copied}(`);
    const [, called = ''] =
      new RegExp(`\\b${copied}\\(([^)']*)`).exec(stdout.split('optionsFromEnv());')[1] ?? '') ?? [];
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`${copied}(${called}`);
    expect(code).toBe(1);
    expect(one.files()).toEqual(before);
  });

  it.each([
    [['passport-jwt', 'jwks-rsa'], 'docs/migrate-from-passport-jwt.md'],
    [['express-jwt'], 'docs/migrate-from-express-jwt.md'],
    [['express-oauth2-jwt-bearer'], 'docs/migrate-from-express-oauth2-jwt-bearer.md'],
  ])('%j, and leaves the application to its guide', async (libraries, guide) => {
    const dependencies = { express: '^5.0.0', ...Object.fromEntries(libraries.map((name) => [name, '*'])) };
    const one = service(express({ dependencies }));
    const { code, stderr } = await init(one);
    expect(stderr).toContain(guide);
    expect(code).toBe(1);
    expect(one.files()['app.js']).toBe(EXPRESS['app.js']);
    expect(one.files()).toHaveProperty(['entra-guard.js']);
  });
});

describe('refuses, and writes nothing', () => {
  it.each<[string, Readonly<Record<string, string | object>>, readonly string[], string]>([
    ['no terminal to ask on', EXPRESS, [], 'There is no terminal to ask on'],
    ['a folder without package.json', { 'app.js': '' }, ['--yes'], 'There is no package.json'],
    ['a package.json that is not JSON', { 'package.json': '{' }, ['--yes'], 'is not a JSON object'],
    [
      'a framework that it does not know',
      { 'package.json': { dependencies: { koa: '*' } } },
      ['--yes'],
      'name no framework',
    ],
    ['Express 3', express({ dependencies: { express: '^3.0.0' } }), ['--yes'], 'Express 4 to 5 is supported'],
    [
      'NestJS 9',
      { 'package.json': { dependencies: { '@nestjs/core': '^9.0.0' } } },
      ['--yes'],
      'NestJS 10 to 12 is supported',
    ],
    [
      'a guard file that is there',
      { ...EXPRESS, 'entra-guard.js': '// mine\n' },
      ['--yes'],
      'entra-guard.js is there already',
    ],
    [
      'a catalogue that is there',
      { ...EXPRESS, 'entra-permissions.js': '// mine\n' },
      ['--yes'],
      'entra-permissions.js is there already',
    ],
    [
      'a test that is there',
      { ...EXPRESS, 'entra-guard.test.js': '// mine\n' },
      ['--yes'],
      'entra-guard.test.js is there already',
    ],
    [
      'a tenant that is neither',
      EXPRESS,
      ['--yes', '--tenant-id', 'my tenant'],
      'neither a GUID nor a domain',
    ],
    [
      'a client ID that is not a GUID',
      EXPRESS,
      ['--yes', '--client-id', 'api://orders'],
      'which is not a GUID',
    ],
    ['--express without --new', EXPRESS, ['--yes', '--express'], 'are for new services'],
    ['--new without a framework', EXPRESS, ['--yes', '--new', 'my-api'], 'needs one framework'],
    ['--new with two', EXPRESS, ['--yes', '--new', 'my-api', '--express', '--nestjs'], 'needs one framework'],
    ['a name that leaves the folder', EXPRESS, ['--yes', '--new', '../my-api', '--express'], 'is not a name'],
    [
      'a new folder that is in use',
      { 'my-api/notes.txt': '' },
      ['--yes', '--new', 'my-api', '--express'],
      'is not empty',
    ],
    [
      'a new folder that is a file',
      { 'my-api': '' },
      ['--yes', '--new', 'my-api', '--nestjs'],
      'is there already',
    ],
  ])('%s', async (_, files, args, message) => {
    const one = service(files);
    const before = one.files();
    const { code, stderr } = await init(one, args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(one.files()).toEqual(before);
  });

  it('where a person says no', async () => {
    const one = service(EXPRESS);
    const before = one.files();
    const { code, stderr } = await init(one, [], { ask: async () => 'n' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was written.')]);
    expect(one.files()).toEqual(before);
  });

  it('a link in the way of a new file', async () => {
    const one = service(EXPRESS);
    const elsewhere = service({ 'precious.js': 'precious' });
    symlinkSync(join(elsewhere.folder, 'new.js'), join(one.folder, 'entra-guard.js'));
    const { code, stderr } = await init(one);
    expect([code, stderr]).toEqual([2, expect.stringContaining('entra-guard.js is there already')]);
    expect(Object.keys(elsewhere.files())).toEqual(['precious.js']);
  });

  it('an application behind a link: it is not looked at', async () => {
    const elsewhere = service({ 'app.js': EXPRESS['app.js'] });
    const one = service({ 'package.json': EXPRESS['package.json'] });
    symlinkSync(elsewhere.folder, join(one.folder, 'src'));
    symlinkSync(join(elsewhere.folder, 'app.js'), join(one.folder, 'app.js'));
    const { code, stderr } = await init(one);
    expect([code, stderr]).toEqual([1, expect.stringContaining('No file assigns express()')]);
    expect(elsewhere.files()).toEqual({ 'app.js': EXPRESS['app.js'] });
  });

  it('a file that was edited while a person was asked', async () => {
    const one = service(EXPRESS);
    const { code, stderr } = await init(one, [], {
      ask: async () => {
        writeFileSync(join(one.folder, 'app.js'), '// edited\n');
        return 'y';
      },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('app.js was edited meanwhile')]);
    expect(one.files()).toEqual({ ...all(EXPRESS), 'app.js': '// edited\n' });
  });

  it.skipIf(process.getuid?.() === 0)('a folder that it may not write to', async () => {
    const one = service(EXPRESS);
    chmodSync(one.folder, 0o500);
    const { code, stderr } = await init(one);
    chmodSync(one.folder, 0o700);
    expect([code, stderr]).toEqual([2, expect.stringContaining('could not be written (EACCES)')]);
    expect(one.files()).toEqual(all(EXPRESS));
  });
});

describe('in a service that exists', () => {
  it.each([
    ['Express', EXPRESS],
    ['NestJS', NEST],
  ])('on %s, --dry-run shows all and writes nothing', async (_, files) => {
    const one = service(files);
    const before = one.files();
    const { code, stdout } = await init(one, ['--dry-run']);
    expect(code).toBe(0);
    for (const name of ['entra-guard', 'entra-permissions', 'package.json'])
      expect(stdout).toContain(
        `+++ b/${name in files ? name : stdout.includes('src/') && name !== 'package.json' ? `src/${name}` : name}`,
      );
    expect(one.files()).toEqual(before);
  });

  it.each([
    ['Express', EXPRESS],
    ['NestJS', NEST],
  ])('on %s, a second run changes nothing', async (_, files) => {
    const one = service(files);
    expect((await init(one)).code).toBe(0);
    const after = one.files();
    const again = await init(one);
    expect([again.code, again.stdout]).toEqual([0, '']);
    expect(again.stderr).toContain('guarded already');
    expect(one.files()).toEqual(after);
  });

  it('installs with --yes what is missing, by the package manager of the service', async () => {
    const one = service(express({ devDependencies: { '@entra-guard/cli': '*' } }, { 'pnpm-lock.yaml': '' }));
    const ran: unknown[] = [];
    const { code } = await init(one, ['--yes'], {
      execute: async (...call) => {
        ran.push(call);
        return 0;
      },
    });
    expect(code).toBe(0);
    expect(ran).toEqual([
      ['pnpm', ['add', '@entra-guard/express'], one.folder],
      ['pnpm', ['add', '--save-dev', '@entra-guard/testing'], one.folder],
    ]);
  });

  it('says what to run where the installation fails', async () => {
    const { code, stderr } = await init(service(EXPRESS), ['--yes'], { execute: async () => 7 });
    expect([code, stderr]).toEqual([1, expect.stringContaining('npm ended with status 7')]);
  });

  it('installs nothing that was not asked for', async () => {
    const execute = (): Promise<number> => Promise.reject(new Error('It must not run.'));
    for (const args of [['--yes', '--no-install'], ['--dry-run']]) {
      expect((await init(service(EXPRESS), args, { execute })).code).toBe(0);
    }
    const asked = await init(service(EXPRESS), [], { execute, ask: async () => 'y' });
    expect(asked.stderr).toContain('npm install @entra-guard/express\n  npm install --save-dev');
  });

  it('raises an Express 4 that is too old', async () => {
    const { stderr } = await init(service(express({ dependencies: { express: '~4.16.1' } })));
    expect(stderr).toContain("npm install @entra-guard/express 'express@^4.21.2'");
  });

  it('says what to set in Entra, with the IDs', async () => {
    const one = service(EXPRESS);
    const tenant = '11111111-aaaa-2222-bbbb-3333cccc4444';
    const { stderr } = await init(one, [
      '--yes',
      '--no-install',
      '--tenant-id',
      tenant,
      '--client-id',
      CLIENT,
    ]);
    expect(stderr).toContain(`ENTRA_GUARD_TENANT_ID=${tenant}`);
    expect(stderr).toContain(`ENTRA_GUARD_CLIENT_ID=${CLIENT}`);
    expect(one.files()['entra-permissions.js']).toContain(`api: 'api://${CLIENT}'`);
  });

  it('moves from passport-azure-ad, and puts no second guard in front', async () => {
    const one = service({
      'package.json': {
        dependencies: { express: '^5.0.0', passport: '^0.7.0', 'passport-azure-ad': '^4.3.5' },
      },
      'app.js': `const express = require('express');
const { BearerStrategy } = require('passport-azure-ad');

const app = express();
const strategy = new BearerStrategy({ identityMetadata: 'https://login.microsoftonline.com/${CLIENT}/v2.0/.well-known/openid-configuration', clientID: '${CLIENT}' }, (token, done) => done(null, token));
module.exports = { app, strategy };
`,
    });
    const { code, stderr } = await init(one);
    expect(code).toBe(0);
    expect(stderr).toContain('Install the packages:\n  npm install\n');
    expect(one.files()['app.js']).toContain("require('@entra-guard/passport')");
    expect(new Set(Object.keys(one.files()))).toEqual(new Set(['app.js', 'package.json']));
    const after = one.files();
    expect((await init(one)).code).toBe(0);
    expect(one.files()).toEqual(after);
  });

  it('leaves a package.json that is formatted in its own way', async () => {
    const text = '{"dependencies": {"express": "5.0.0"}}';
    const one = service({ ...EXPRESS, 'package.json': text });
    const { code, stderr } = await init(one);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Add these scripts: "test": "node --test')]);
    expect(one.files()['package.json']).toBe(text);
    // The script is not there, so the test is run without it.
    expect(stderr).toContain(
      'Then run the test, which needs no tenant:\n  node --test entra-guard.test.js\n',
    );
  });

  it.each(['\t', '    ', ''])(
    'keeps scripts that are there, and the format of package.json: %j',
    async (indent) => {
      const manifest = {
        scripts: { test: 'node --test', 'entra:local': 'mine' },
        dependencies: { express: '5.0.0' },
      };
      const one = service({ ...EXPRESS, 'package.json': JSON.stringify(manifest, undefined, indent) });
      expect((await init(one)).stderr).toContain('npm run test:entra-guard');
      const written = one.files()['package.json'] ?? '';
      expect(JSON.parse(written)).toMatchObject({
        scripts: { ...manifest.scripts, 'test:entra-guard': 'node --test entra-guard.test.js' },
      });
      expect(written).toBe(JSON.stringify(JSON.parse(written), undefined, indent));
    },
  );
});

describe('--new', () => {
  it.each([
    ['--express', 'src/app.ts', "from '@entra-guard/express'"],
    ['--nestjs', 'src/app.module.ts', 'imports: [entraGuard]'],
  ])('%s makes a service in a folder of its own', async (framework, path, text) => {
    const one = service({ 'notes.txt': 'mine\n' });
    const { code, stderr } = await init(one, ['--new', 'my-api', framework, '--yes', '--no-install']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('npm test')]);
    const files = one.files();
    expect(files[`my-api/${path}`]).toContain(text);
    for (const name of [
      'package.json',
      'README.md',
      'tsconfig.json',
      '.gitignore',
      'src/entra-permissions.ts',
    ]) {
      expect(files).toHaveProperty([`my-api/${name}`]);
    }
    expect(files['notes.txt']).toBe('mine\n');
  });

  it('--dry-run makes no folder', async () => {
    const one = service({ 'notes.txt': '' });
    expect((await init(one, ['--new', 'my-api', '--express', '--dry-run'])).code).toBe(0);
    expect(Object.keys(one.files())).toEqual(['notes.txt']);
  });
});

/** Files as they are on disk. */
function all(files: Readonly<Record<string, string | object>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? content : json(content),
    ]),
  );
}
