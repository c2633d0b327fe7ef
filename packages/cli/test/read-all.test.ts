import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readAll } from '../src/read-all.js';

it('reads a stream to its end, characters that are cut in two included', async () => {
  const bytes = Buffer.from('Ünïcode');
  expect(await readAll(Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]))).toBe('Ünïcode');
  expect(await readAll(Readable.from([]))).toBe('');
});

it('does not wait for the end of one that has none', async () => {
  function* endless() {
    for (;;) yield Buffer.alloc(65_536, 'x');
  }
  await expect(readAll(Readable.from(endless()))).rejects.toThrow(
    'Standard input holds more than a megabyte.',
  );
});
