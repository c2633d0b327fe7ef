import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCodemod } from './run-codemod.js';
import { temporaryProject } from './temporary-project.js';

const COMMAND = ['passport-azure-ad'];
const manifest = (dependencies: object) => `${JSON.stringify({ dependencies }, undefined, 2)}\n`;

const SOURCE = `const { BearerStrategy } = require('passport-azure-ad');
const clientID = process.env.CLIENT_ID;
module.exports = new BearerStrategy({ identityMetadata: process.env.METADATA, clientID }, verify);
`;
const MOVED = SOURCE.replace('passport-azure-ad', '@entra-guard/passport');
const FILES = {
  'package.json': manifest({ passport: '^0.7.0', 'passport-azure-ad': '^4.3.5' }),
  'src/auth.js': SOURCE,
  'src/other.js': 'module.exports = 1;\n',
};

const PATCH = `--- a/package.json
+++ b/package.json
@@ -1,6 +1,6 @@
 {
   "dependencies": {
-    "passport": "^0.7.0",
-    "passport-azure-ad": "^4.3.5"
+    "@entra-guard/passport": "^1.0.0",
+    "passport": "^0.7.0"
   }
 }
--- a/src/auth.js
+++ b/src/auth.js
@@ -1,3 +1,3 @@
-const { BearerStrategy } = require('passport-azure-ad');
+const { BearerStrategy } = require('@entra-guard/passport');
 const clientID = process.env.CLIENT_ID;
 module.exports = new BearerStrategy({ identityMetadata: process.env.METADATA, clientID }, verify);
`;

describe('entra-guard-codemod passport-azure-ad', () => {
  it('shows a patch and changes nothing', async () => {
    const project = temporaryProject(FILES);
    expect(await runCodemod([...COMMAND, 'src'], { cwd: project.folder })).toEqual({
      code: 0,
      stdout: PATCH,
      stderr: '2 files to change, nothing left to do by hand.\nNothing is written yet: add --write.\n',
    });
    expect(project.read('src/auth.js')).toBe(SOURCE);
  });

  it('changes the files with --write, and finds nothing to do the next time', async () => {
    const project = temporaryProject(FILES);
    expect(await runCodemod([...COMMAND, '--write'], { cwd: project.folder })).toEqual({
      code: 0,
      stdout: '',
      stderr:
        '2 files changed, nothing left to do by hand.\nInstall the dependencies, then run your tests.\n',
    });
    expect(project.read('src/auth.js')).toBe(MOVED);
    expect(JSON.parse(project.read('package.json'))).toEqual({
      dependencies: { '@entra-guard/passport': '^1.0.0', passport: '^0.7.0' },
    });
    expect(await runCodemod(COMMAND, { cwd: project.folder })).toEqual({
      code: 0,
      stdout: '',
      stderr: '0 files to change, nothing left to do by hand.\n',
    });
  });

  it('ends with 1 and says where, where something is left to do by hand', async () => {
    const { folder } = temporaryProject({
      ...FILES,
      'src/log.js': "require('passport-azure-ad/lib/logging');\n",
    });
    const { code, stderr, stdout } = await runCodemod([...COMMAND, 'src'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "src/log.js:1: by hand: 'passport-azure-ad/lib/logging' is a file inside the old package.\n    Give the strategy",
    );
    expect(stderr).toContain('2 files to change, 1 thing left to do by hand.');
    // The old package is still loaded, so it stays.
    expect(stdout).toContain(' "passport-azure-ad": "^4.3.5"');
    expect(stdout).not.toContain('-    "passport-azure-ad": "^4.3.5"');
  });

  it('goes on naming what is left to do after the import has moved, until it is done', async () => {
    const wrong = SOURCE.replace('clientID }', 'clientID, proxy }');
    const { folder, read } = temporaryProject({ ...FILES, 'src/auth.js': wrong });
    const left = ['src/auth.js:3: by hand: proxy is not supported.', '1 thing left to do by hand.'];
    for (const flags of [['--write'], []]) {
      const { code, stderr } = await runCodemod([...COMMAND, ...flags], { cwd: folder });
      expect(code).toBe(1);
      for (const text of left) expect(stderr).toContain(text);
    }
    expect(read('src/auth.js')).toBe(wrong.replace('passport-azure-ad', '@entra-guard/passport'));
  });

  it('says so where there is nothing to move', async () => {
    const { folder } = temporaryProject({ 'a.js': '', 'b.js': '' });
    expect(await runCodemod(COMMAND, { cwd: folder })).toEqual({
      code: 0,
      stdout: '',
      stderr: '2 files read, and passport-azure-ad is named in none of them.\n',
    });
  });

  it('ends with 0 where there are notes only', async () => {
    const { folder } = temporaryProject({
      ...FILES,
      'src/auth.js': SOURCE.replace('clientID }', 'clientID, validateIssuer: false }'),
    });
    const { code, stderr } = await runCodemod(COMMAND, { cwd: folder });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('src/auth.js:3: note: validateIssuer is false'),
    ]);
  });

  it('prints one document with --json', async () => {
    const { folder, read } = temporaryProject({
      ...FILES,
      'src/log.js': "require('passport-azure-ad/lib/logging');\n",
    });
    const shown = await runCodemod([...COMMAND, '--json', 'src'], { cwd: folder });
    expect([shown.code, shown.stderr]).toEqual([1, '']);
    expect(JSON.parse(shown.stdout)).toEqual({
      written: false,
      changes: [
        { file: 'package.json', patch: expect.stringContaining('+    "@entra-guard/passport": "^1.0.0"') },
        {
          file: 'src/auth.js',
          patch: expect.stringContaining("+const { BearerStrategy } = require('@entra"),
        },
      ],
      findings: [
        {
          file: 'src/log.js',
          line: 1,
          level: 'by-hand',
          code: 'deep-import',
          message: expect.any(String),
          hint: expect.any(String),
        },
        expect.objectContaining({ file: 'package.json', line: 4, level: 'note', code: 'manifest' }),
      ],
    });
    const written = await runCodemod([...COMMAND, '--json', '--write', 'src/auth.js'], { cwd: folder });
    expect(JSON.parse(written.stdout)).toMatchObject({ written: true });
    expect(read('src/auth.js')).toBe(MOVED);
  });

  it('keeps the old package where a file uses it that was not to be looked at', async () => {
    const { folder, read } = temporaryProject({ ...FILES, 'test/auth.js': SOURCE });
    await runCodemod([...COMMAND, 'src', '--write'], { cwd: folder });
    expect(Object.keys(JSON.parse(read('package.json')).dependencies)).toContain('passport-azure-ad');
    await runCodemod([...COMMAND, 'test', '--write'], { cwd: folder });
    expect(Object.keys(JSON.parse(read('package.json')).dependencies)).toEqual([
      '@entra-guard/passport',
      'passport',
    ]);
  });

  it('says which file that is, and is not misled by comments', async () => {
    const files = { ...FILES, 'src/old.js': '// Was passport-azure-ad.\n', 'test/auth.js': SOURCE };
    const { folder } = temporaryProject(files);
    const { code, stderr } = await runCodemod([...COMMAND, 'src'], { cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toContain(
      'note: passport-azure-ad stays in addition to @entra-guard/passport: test/auth.js still loads it.',
    );
    const { stderr: all } = await runCodemod(COMMAND, { cwd: folder });
    expect(all).not.toContain('stays');
  });

  it('goes by the package.json nearest to each file, in a repository of several packages', async () => {
    const { folder } = temporaryProject({
      'package.json': '{ "private": true }',
      'apps/a/package.json': FILES['package.json'],
      'apps/a/src/auth.js': SOURCE,
      'apps/b/package.json': FILES['package.json'],
      'apps/b/index.ts': 'export {};\n',
    });
    const { stdout } = await runCodemod([...COMMAND, '.'], { cwd: folder });
    expect(stdout.match(/^\+\+\+ .*/gm)).toEqual(['+++ b/apps/a/package.json', '+++ b/apps/a/src/auth.js']);
  });

  it('leaves out what is installed, built or hidden, declarations, and files that are not text', async () => {
    const { folder } = temporaryProject({
      'src/auth.js': SOURCE,
      'node_modules/passport-azure-ad/lib/index.js': SOURCE,
      'dist/auth.js': SOURCE,
      '.cache/auth.js': SOURCE,
      'src/types.d.ts': SOURCE,
      'src/video.ts': new Uint8Array([0x47, 0, 0xff, 0xfe]),
    });
    const { stdout } = await runCodemod(COMMAND, { cwd: folder });
    expect(stdout.match(/^\+\+\+ .*/gm)).toEqual(['+++ b/src/auth.js']);
  });

  it('colours on a terminal, and not with NO_COLOR or in a pipe', async () => {
    const { folder } = temporaryProject(FILES);
    const at = (world: object) => runCodemod(COMMAND, { cwd: folder, ...world });
    const added = '\u001b[32m+const { BearerStrategy }';
    expect((await at({ terminal: true })).stdout).toContain(added);
    for (const world of [
      {},
      { terminal: true, env: { NO_COLOR: '1' } },
      { terminal: true, env: { TERM: 'dumb' } },
    ]) {
      expect((await at(world)).stdout).toBe(PATCH);
    }
    expect((await at({ env: { FORCE_COLOR: '1' } })).stdout).toContain(added);
  });
});

it('lets nothing that stands in a file steer the terminal', async () => {
  const scope = "scope: ['api://\u001b[2J/read']";
  const { folder } = temporaryProject({ 'auth.js': SOURCE.replace('clientID }', `clientID, ${scope} }`) });
  const { stderr } = await runCodemod(COMMAND, { cwd: folder });
  expect(stderr).toContain('api://\\u{1b}[2J/read');
});

describe('a patch steers no terminal', () => {
  // A joiner and a byte order mark do no harm, and a patch without them would not apply.
  const harmless = '\uFEFF// \u{1F468}\u200D\u{1F4BB} \t x\n';
  const harm = '/* \u001b[2J \u202e \u2066 \u2028 \u009b \r x */\n';

  it('nor is it changed where nothing does', async () => {
    const { folder } = temporaryProject({ 'auth.js': harmless + SOURCE });
    const { stdout, stderr } = await runCodemod(COMMAND, { cwd: folder });
    expect(stdout).toContain(` ${harmless}`);
    expect(stderr).not.toContain('note:');
  });

  it.each([true, false])('and says that it does not apply then: on a terminal %s', async (terminal) => {
    const { folder, read } = temporaryProject({ 'au\u202eth.js': harm + SOURCE });
    const env = { NO_COLOR: '1' };
    const { stdout, stderr } = await runCodemod(COMMAND, { cwd: folder, terminal, env });
    expect(stdout).toContain(' /* \\u{1b}[2J \\u{202e} \\u{2066} \\u{2028} \\u{9b} \\u{d} x */\n');
    // As git writes such names.
    expect(stdout).toContain('--- "a/au\\342\\200\\256th.js"');
    expect(stderr).toContain(
      'note: au\\u{202e}th.js holds characters that steer terminals. They are shown as \\u{…}, so its patch cannot be applied: use --write.',
    );
    await runCodemod([...COMMAND, '--write'], { cwd: folder });
    expect(read('au\u202eth.js')).toBe(harm + MOVED);
  });

  it('and as JSON it means what it says', async () => {
    const { folder } = temporaryProject({ 'auth.js': harm + SOURCE });
    const { stdout } = await runCodemod([...COMMAND, '--json'], { cwd: folder });
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(stdout).changes[0].patch).toContain(` ${harm}`);
  });
});

describe('migrate passport-azure-ad refuses, and writes nothing, where', () => {
  it.each<[string, string[], Record<string, string | Uint8Array>, string]>([
    ['a path is not there', ['src', 'nowhere'], {}, 'nowhere is not there.'],
    [
      'a file has another language',
      ['README.md'],
      { 'README.md': '# Hello' },
      'README.md is not a file of JavaScript or TypeScript.',
    ],
    [
      'there are no files',
      ['docs'],
      { 'docs/README.md': '# Hello' },
      'There are no files of JavaScript or TypeScript in docs.',
    ],
    [
      'a file does not parse',
      ['src'],
      { 'src/broken.js': "require('passport-azure-ad'\nlet" },
      'src/broken.js:2:1 is not what its name says',
    ],
    [
      'a file is TypeScript by another name',
      ['src'],
      { 'src/wrong.js': "import { ITokenPayload } from 'passport-azure-ad';\nlet a: ITokenPayload;" },
      'src/wrong.js:2:6',
    ],
    [
      'a named file is not text',
      ['src/a.js', 'src/auth.js'],
      { 'src/a.js': new Uint8Array([0, 1, 2]) },
      'src/a.js is not text in UTF-8.',
    ],
    [
      'a file in another encoding names the package',
      ['src'],
      { 'src/a.js': Buffer.from("// \xe9\nrequire('passport-azure-ad')", 'latin1') },
      'src/a.js is not text in UTF-8.',
    ],
    [
      'the package.json is broken',
      ['src'],
      { 'package.json': '{ "dependencies": {' },
      'package.json is not a JSON object.',
    ],
  ])('%s', async (_, paths, files, message) => {
    const { folder, read } = temporaryProject({ ...FILES, ...files });
    const plain = await runCodemod([...COMMAND, '--write', ...paths], { cwd: folder });
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    expect(plain.stderr).toContain(`error: ${message}`);
    const json = await runCodemod([...COMMAND, '--write', '--json', ...paths], { cwd: folder });
    expect([json.code, json.stderr]).toEqual([2, '']);
    expect(JSON.parse(json.stdout)).toEqual({
      error: { message: expect.stringContaining(message), hint: expect.stringMatching(/\.$/) },
    });
    expect(read('src/auth.js')).toBe(SOURCE);
  });

  it.skipIf(process.getuid?.() === 0)('a file cannot be written', async () => {
    const { folder, read } = temporaryProject(FILES);
    chmodSync(`${folder}/src/auth.js`, 0o444);
    const { code, stderr } = await runCodemod([...COMMAND, '--write'], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('src/auth.js cannot be written.')]);
    expect(read('package.json')).toBe(FILES['package.json']);
  });
});
