import { describe, expect, it } from 'vitest';
import { sealingOf } from '../../src/downstream.js';
import { keyRing } from '../../src/index.js';

const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const derived = (secret: Uint8Array, id: string, info: string) =>
  sealingOf('test(...)', keyRing([{ id: 'a', secret }]))
    .derive(id, info)
    ?.export()
    .toString('hex');

describe('a key that is derived for one entry', () => {
  it('is the same each time, in every process', () => {
    expect(derived(bytes(1), 'a', 'x')).toBe(derived(bytes(1), 'a', 'x'));
    expect(derived(bytes(1), 'a', 'x')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another one for another secret and for another entry', () => {
    expect(
      new Set([derived(bytes(1), 'a', 'x'), derived(bytes(2), 'a', 'x'), derived(bytes(1), 'a', 'y')]).size,
    ).toBe(3);
  });

  it('is missing for a key that the ring lacks', () => {
    expect(derived(bytes(1), 'b', 'x')).toBeUndefined();
  });
});
