import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultPage, faultsOn } from './support/fault-page.js';
import { FAULTS, type Observation } from './support/faults.js';

const page = join(import.meta.dirname, '../../../docs/revocation-faults.md');
const recorded = process.env.ENTRA_GUARD_FAULT_TABLE;

describe('docs/revocation-faults.md', () => {
  it.runIf(recorded !== undefined && existsSync(recorded))('is written from what tests have recorded', () => {
    const lines = readFileSync(recorded as string, 'utf8')
      .trimEnd()
      .split('\n');
    const seen = lines.map((line) => JSON.parse(line) as Observation);
    const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
    writeFileSync(page, faultPage(seen, /v=(\S+)/.exec(stdout)?.[1] ?? 'of an unknown version'));
    expect(existsSync(page)).toBe(true);
  });

  it('has a row for each fault, and no other', () => {
    expect(faultsOn(readFileSync(page, 'utf8'))).toEqual(Object.keys(FAULTS));
  });

  it('has no row for a fault without a test', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('.servers.test.ts'))
      .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
      .join('\n');
    expect(Object.keys(FAULTS).filter((fault) => !tests.includes(fault))).toEqual([]);
  });
});
