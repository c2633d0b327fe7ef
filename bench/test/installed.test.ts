import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed } from '../engine/installed.js';

let root: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const manifest = (dependencies: object, more: object = {}) => JSON.stringify({ dependencies, ...more });

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'installed-'));
  write('app/node_modules/one/package.json', manifest({ two: '1', shared: '1' }));
  write('app/node_modules/one/lib/deep.js', '12345');
  write('app/node_modules/one/node_modules/two/package.json', manifest({ shared: '1', one: '1' }));
  write('app/node_modules/shared/package.json', manifest({}, { optionalDependencies: { native: '1' } }));
  write('packages/own/package.json', manifest({ shared: '1' }, { files: ['dist'] }));
  write('packages/own/dist/index.js', '1234567890');
  write('packages/own/src/index.ts', 'x'.repeat(10_000));
  symlinkSync(join(root, 'packages/own'), join(root, 'app/node_modules/own'));
  mkdirSync(join(root, 'packages/own/node_modules'));
  symlinkSync(join(root, 'app/node_modules/shared'), join(root, 'packages/own/node_modules/shared'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('what is installed with a package', () => {
  it('is counted once each, around circles, and without optional packages that are not there', () => {
    expect(installed(['one'], join(root, 'app')).packages).toBe(3);
    expect(installed(['one', 'shared'], join(root, 'app')).packages).toBe(3);
  });

  it('is weighed by its files, those of nested packages once', () => {
    const files = [
      manifest({ two: '1', shared: '1' }),
      '12345',
      manifest({ shared: '1', one: '1' }),
      manifest({}, { optionalDependencies: { native: '1' } }),
    ];
    expect(installed(['one'], join(root, 'app')).bytes).toBe(files.join('').length);
  });

  it('is weighed as it is published, where it is developed in this repository', () => {
    const shared = manifest({}, { optionalDependencies: { native: '1' } }).length;
    const own = manifest({ shared: '1' }, { files: ['dist'] }).length + 10;
    expect(installed(['own'], join(root, 'app'))).toEqual({ packages: 2, bytes: own + shared });
  });

  it('has to be there', () => {
    expect(() => installed(['absent'], join(root, 'app'))).toThrow('absent is not installed');
  });
});
