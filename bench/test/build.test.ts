import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildOf } from '../engine/build.js';

const folder = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a build to compare with', () => {
  it('has to be installed and built, and says so before anything is copied', () => {
    const copy = join(folder, 'copy');
    expect(() => buildOf(folder, copy)).toThrow(`Run pnpm install && pnpm build in ${folder}`);
    expect(existsSync(copy)).toBe(false);
  });
});
