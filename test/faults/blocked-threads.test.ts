import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, open, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { crowd } from '../../packages/core/test/token/crowd.js';
import { KEY, STRANGER, signed, userClaims } from '../support/forger.js';
import { outcomeOf, singleTenant } from '../support/outcome.js';

// With one processor, verification would not use the thread pool.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => 2,
}));

const THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

/** Blocks all threads of libuv's pool, as a dead file server or DNS would, until the returned function is called. */
function holdThreads(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Opening a pipe for reading blocks until it is opened for writing.
  const opened = Array.from(
    { length: THREADS },
    () =>
      new Promise<void>((resolve, reject) => {
        open(pipe, 'r', (error, file) => {
          if (error) reject(error);
          else {
            closeSync(file);
            resolve();
          }
        });
      }),
  );
  return async () => {
    const file = openSync(pipe, 'r+');
    await Promise.all(opened);
    closeSync(file);
    rmSync(folder, { recursive: true });
  };
}

const noPipes = process.platform === 'win32';

describe('the thread pool', () => {
  it.skipIf(noPipes)(
    `does not delay tokens while other work blocks all of it${noPipes ? ' (skipped: Windows has no named pipes in folders)' : ''}`,
    async () => {
      const validator = singleTenant();
      const token = (name: string) => signed(userClaims({ uti: name }));
      const forged = signed(userClaims({ uti: 'forged' }), { kid: KEY.kid }, { key: STRANGER });
      await validator.validate(token('first'));
      const release = holdThreads();
      try {
        crowd();
        const outcomes = [token('1'), token('2'), forged, token('3')].map((one) => outcomeOf(validator, one));
        expect(await Promise.all(outcomes)).toEqual([
          'accepted',
          'accepted',
          'signature_invalid',
          'accepted',
        ]);
        crowd();
        const again = [token('4'), forged, token('5')].map((one) => outcomeOf(validator, one));
        expect(await Promise.all(again)).toEqual(['accepted', 'signature_invalid', 'accepted']);
      } finally {
        await release();
        validator.close();
      }
    },
  );
});
