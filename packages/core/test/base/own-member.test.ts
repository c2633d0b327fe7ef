import { afterEach, expect, it } from 'vitest';
import { classMember, ownMember, ownMembers } from '../../src/base/own-member.js';

class Place {
  readonly own: string = 'mine';
  get request(): string {
    return 'of the class';
  }
}

const pollute = (value: string) =>
  Object.defineProperty(Object.prototype, 'request', { value, configurable: true });

afterEach(() => {
  Reflect.deleteProperty(Object.prototype, 'request');
});

it('a member of the object itself is one, and what it inherits is not', () => {
  const place = new Place();
  expect([ownMember(place, 'own'), ownMember(place, 'request')]).toEqual(['mine', undefined]);
  pollute('polluted');
  const copy: { own?: string; request?: string } = ownMembers(place);
  expect([copy.own, copy.request]).toEqual(['mine', undefined]);
});

it('a member of a class is one, and what stands on Object.prototype is not', () => {
  expect(classMember(new Place(), 'request')).toBe('of the class');
  pollute('polluted');
  const [empty, full]: { readonly request?: string }[] = [{}, { request: 'given' }];
  expect([classMember(empty as object as Place, 'request'), classMember(full as Place, 'request')]).toEqual([
    undefined,
    'given',
  ]);
});
