import { expect, it } from 'vitest';
import { runProgram } from './run-program.js';

it('keeps working if the first AsyncLocalStorage of the process is used after a token was cached', async () => {
  expect(await runProgram('late-storage')).toEqual({
    code: 0,
    stdout: JSON.stringify([1, 'user', ['a request']]),
    stderr: '',
  });
}, 30_000);
