import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FrozenStringSet } from '../../src/caller/string-set.js';

it.each([8, 9, 200])('a set of %s values is a set like any other', (count) => {
  const values = Array.from({ length: count }, (_, index) => `Role${index}`);
  const roles = new FrozenStringSet([...values, 'Role0']);
  expect(roles.size).toBe(count);
  expect([...roles]).toEqual(values);
  expect(values.every((value) => roles.has(value))).toBe(true);
  expect(roles.has('Role')).toBe(false);
  roles.toArray().push('Admin');
  expect([roles.has('Admin'), roles.size]).toEqual([false, count]);
});

describe('the scopes of a caller, which every request with the same token shares', () => {
  const scopes = new FrozenStringSet(['Orders.Read', 'Orders.Write', 'Orders.Read']);

  it('are asked for, case by case', () => {
    expect(scopes.has('Orders.Read')).toBe(true);
    expect(scopes.has('orders.read')).toBe(false);
    expect(scopes.has('has')).toBe(false);
    expect(FrozenStringSet.of([]).size).toBe(0);
  });

  it('are counted, listed and iterated in the order of the token', () => {
    expect(scopes.size).toBe(2);
    expect([...scopes]).toEqual(['Orders.Read', 'Orders.Write']);
    expect(scopes.toArray()).toEqual(['Orders.Read', 'Orders.Write']);
  });

  it('become an array in JSON and in logs', () => {
    expect(JSON.stringify({ scopes })).toBe('{"scopes":["Orders.Read","Orders.Write"]}');
    expect(inspect({ scopes })).toBe("{ scopes: [ 'Orders.Read', 'Orders.Write' ] }");
  });

  it.each<[string, () => unknown]>([
    ['add', () => Set.prototype.add.call(scopes, 'Admin')],
    ['delete', () => Set.prototype.delete.call(scopes, 'Orders.Read')],
    ['clear', () => Set.prototype.clear.call(scopes)],
    ['another has()', () => Object.assign(scopes, { has: () => true })],
    ['another has() for all', () => Object.assign(FrozenStringSet.prototype, { has: () => true })],
    ['another size', () => Object.assign(scopes, { size: 0 })],
    ['another prototype', () => Object.setPrototypeOf(scopes, { has: () => true })],
    ['push', () => Array.prototype.push.call(scopes, 'Admin')],
    ['pop', () => Array.prototype.pop.call(scopes)],
    ['shift', () => Array.prototype.shift.call(scopes)],
    ['unshift', () => Array.prototype.unshift.call(scopes, 'Admin')],
    ['splice', () => Array.prototype.splice.call(scopes, 0, 1, 'Admin')],
    ['fill', () => Array.prototype.fill.call(scopes, 'Admin')],
    ['reverse', () => Array.prototype.reverse.call(scopes)],
    ['sort', () => Array.prototype.sort.call(scopes, () => -1)],
    ['copyWithin', () => Array.prototype.copyWithin.call(scopes, 0, 1)],
    ['another element', () => Object.assign(scopes, { 0: 'Admin' })],
    ['another length', () => Object.assign(scopes, { length: 0 })],
  ])('take no %s', (_, change) => {
    expect(change).toThrow(TypeError);
    expect(scopes.toArray()).toEqual(['Orders.Read', 'Orders.Write']);
    expect(scopes.has('Admin')).toBe(false);
  });

  it('have no mutators, and lists taken from them are copies', () => {
    for (const mutator of ['add', 'delete', 'clear']) expect(mutator in scopes).toBe(false);
    scopes.toArray().push('Admin');
    (scopes.toJSON() as string[]).push('Admin');
    expect(scopes.has('Admin')).toBe(false);
  });

  it.each<[string, (set: readonly string[]) => unknown, unknown]>([
    ['map', (set) => set.map((value) => value.length), [11, 12]],
    ['filter', (set) => set.filter((value) => value.endsWith('Write')), ['Orders.Write']],
    ['slice', (set) => set.slice(1), ['Orders.Write']],
    ['concat', (set) => set.concat('More'), ['Orders.Read', 'Orders.Write', 'More']],
    ['flatMap', (set) => set.flatMap((value) => [value.slice(7)]), ['Read', 'Write']],
    ['flat', (set) => set.flat(), ['Orders.Read', 'Orders.Write']],
    ['Array.from', (set) => Array.from(set), ['Orders.Read', 'Orders.Write']],
  ])('give a plain array to %s', (_, make, expected) => {
    const made = make(scopes) as string[];
    expect(made).toEqual(expected);
    expect(Object.getPrototypeOf(made)).toBe(Array.prototype);
    expect(Object.isFrozen(made)).toBe(false);
  });

  it('are an array of the values, each once', () => {
    expect(Array.isArray(scopes)).toBe(true);
    expect([scopes.length, scopes[1], scopes.at(-1), scopes.includes('Orders.Read')]).toEqual([
      2,
      'Orders.Write',
      'Orders.Write',
      true,
    ]);
    expect(Object.keys(scopes)).toEqual(['0', '1']);
  });

  it('do not change with the list they were made from', () => {
    const values = ['A'];
    const made = new FrozenStringSet(values);
    values.push('B');
    expect(made.has('B')).toBe(false);
  });
});
