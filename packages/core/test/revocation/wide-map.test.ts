import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WideMap } from '../../src/revocation.js';

const keys = fc.oneof(
  fc.constantFrom('', 'a', 'aa', 'ba', 'ab', '0/'),
  fc.uuid(),
  fc.string({ maxLength: 3 }),
);
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'delete', 'get'), keys, fc.nat(9)), { maxLength: 60 });

it('holds what a Map holds, whatever the keys', () => {
  const property = fc.property(steps, (all) => {
    const [wide, plain] = [new WideMap<number>(), new Map<string, number>()];
    for (const [step, key, value] of all) {
      if (step === 'set') {
        wide.set(key, value);
        plain.set(key, value);
      } else if (step === 'delete') expect(wide.delete(key)).toBe(plain.delete(key));
      expect([wide.get(key), wide.size]).toEqual([plain.get(key), plain.size]);
    }
    const ascending = (a: number, b: number) => a - b;
    expect([...wide.values()].sort(ascending)).toEqual([...plain.values()].sort(ascending));
  });
  fc.assert(property);
});

it('spreads IDs, so that no map in it becomes large', () => {
  const sizes: number[] = [];
  const { set } = Map.prototype;
  const spread = new WideMap<number>();
  Map.prototype.set = function (this: Map<unknown, unknown>, key: unknown, value: unknown) {
    const map = set.call(this, key, value);
    if (typeof key === 'string' && key.startsWith('id-')) sizes.push(this.size);
    return map;
  };
  try {
    for (let id = 0; id < 10_000; id++) spread.set(`id-${id.toString(16).padStart(12, '0')}`, id);
  } finally {
    Map.prototype.set = set;
  }
  expect(spread.size).toBe(10_000);
  expect(Math.max(...sizes)).toBeLessThan(150);
});
