import { chmodSync, existsSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planMove } from '../src/passport-azure-ad/plan-move.js';
import { writeChanges } from '../src/passport-azure-ad/write-changes.js';
import { runCodemod } from './run-codemod.js';
import { temporaryProject } from './temporary-project.js';

const SOURCE = "const { BearerStrategy } = require('passport-azure-ad');\n";
const MOVED = "const { BearerStrategy } = require('@entra-guard/passport');\n";
const MANIFEST = '{ "dependencies": { "passport": "^0.7.0", "passport-azure-ad": "^4.3.5" } }\n';
const FILES = { 'package.json': MANIFEST, 'src/a.js': SOURCE, 'src/b.js': SOURCE };

const write = (cwd: string, ...paths: string[]) =>
  runCodemod(['passport-azure-ad', '--write', ...paths], { cwd });

/** Nothing but the files is left in a folder, no matter how it went. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

describe('migrate --write', () => {
  it('keeps what a file may be, and leaves no other file', async () => {
    const { folder, read } = temporaryProject(FILES);
    chmodSync(join(folder, 'src/a.js'), 0o751);
    expect((await write(folder)).code).toBe(0);
    expect([read('src/a.js'), read('src/b.js')]).toEqual([MOVED, MOVED]);
    expect(statSync(join(folder, 'src/a.js')).mode & 0o777).toBe(0o751);
    expect(filesIn(folder)).toEqual(['a.js', 'b.js', 'package.json']);
  });

  it.each([
    ['the first file', 'package.json', `${MANIFEST} `],
    ['the last file', 'src/b.js', `${SOURCE}// Ada was here.\n`],
  ])('loses no edit of %s that was made meanwhile, and changes no other file', async (_, path, edit) => {
    const { folder, read } = temporaryProject(FILES);
    const plan = await planMove(folder, ['.'], '1.0.0');
    writeFileSync(join(folder, path), edit);
    await expect(writeChanges(folder, plan.changes)).rejects.toMatchObject({
      name: 'BadInputError',
      message: `${path} was changed while this command ran.`,
    });
    const expected = { ...FILES, [path]: edit };
    for (const [file, text] of Object.entries(expected)) expect(read(file)).toBe(text);
    expect(filesIn(folder)).toEqual(['a.js', 'b.js', 'package.json']);
  });

  it('takes back what it wrote where a file is edited while others are written', async () => {
    const { folder, read } = temporaryProject(FILES);
    const plan = await planMove(folder, ['.'], '1.0.0');
    const [first, ...others] = plan.changes;
    const edited = `${SOURCE}// Ada was here.\n`;
    const late = {
      ...(others[1] as (typeof plan.changes)[number]),
      // Asked for when everything has been looked at once.
      get after() {
        writeFileSync(join(folder, 'src/a.js'), edited);
        return MOVED;
      },
    };
    await expect(writeChanges(folder, [first, others[0], late] as typeof plan.changes)).rejects.toThrow(
      'src/a.js was changed while this command ran.',
    );
    expect([read('package.json'), read('src/a.js'), read('src/b.js')]).toEqual([MANIFEST, edited, SOURCE]);
    expect(filesIn(folder)).toEqual(['a.js', 'b.js', 'package.json']);
  });

  it('makes no file that was removed meanwhile', async () => {
    const { folder } = temporaryProject(FILES);
    const plan = await planMove(folder, ['.'], '1.0.0');
    rmSync(join(folder, 'src/b.js'));
    await expect(writeChanges(folder, plan.changes)).rejects.toThrow('src/b.js was changed');
    expect(existsSync(join(folder, 'src/b.js'))).toBe(false);
  });

  it.each<[string, (folder: string, elsewhere: string) => string[]]>([
    [
      'a file',
      (folder, elsewhere) => {
        symlinkSync(join(elsewhere, 'src/a.js'), join(folder, 'src/link.js'));
        return ['src/link.js', 'src/a.js'];
      },
    ],
    [
      'a folder',
      (folder, elsewhere) => {
        symlinkSync(join(elsewhere, 'src'), join(folder, 'linked'));
        return ['linked', 'src'];
      },
    ],
    [
      'the package.json',
      (folder, elsewhere) => {
        rmSync(join(folder, 'package.json'));
        symlinkSync(join(elsewhere, 'package.json'), join(folder, 'package.json'));
        return ['src'];
      },
    ],
  ])('refuses %s that is a link to somewhere else, and changes nothing', async (_, link) => {
    const elsewhere = temporaryProject(FILES);
    const { folder, read } = temporaryProject(FILES);
    const { code, stderr } = await write(folder, ...link(folder, elsewhere.folder));
    expect([code, stderr]).toEqual([2, expect.stringContaining('is a link that leads to ')]);
    for (const [file, text] of Object.entries(FILES)) {
      expect(elsewhere.read(file)).toBe(text);
      expect(read(file)).toBe(text);
    }
  });

  it('follows a link that stays inside, and keeps it one', async () => {
    const { folder, read } = temporaryProject({ ...FILES, 'lib/c.js': SOURCE });
    symlinkSync('../lib/c.js', join(folder, 'src/link.js'));
    expect((await write(folder, 'src/link.js')).code).toBe(0);
    expect([read('lib/c.js'), read('src/link.js')]).toEqual([MOVED, MOVED]);
  });

  it('takes the folder that it runs in through a link', async () => {
    const { folder, read } = temporaryProject(FILES);
    const outer = temporaryProject({ 'x.js': '' });
    symlinkSync(folder, join(outer.folder, 'project'));
    expect((await write(join(outer.folder, 'project'))).code).toBe(0);
    expect(read('src/a.js')).toBe(MOVED);
  });
});
