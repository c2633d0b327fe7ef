import { describe, expect, it } from 'vitest';
import { createValidator } from '../../src/index.js';
import { isFit, isSurelyFit } from '../../src/token/json-object.js';
import { contoso, signed, userClaims } from '../contoso.js';

const nested = (depth: number): unknown => (depth === 0 ? 'x' : { in: nested(depth - 1) });

async function claimsOf(changes: Record<string, unknown> = {}) {
  const validator = createValidator(contoso());
  return validator.validate(signed(userClaims(changes)));
}

describe('the claims of a caller', () => {
  it('are frozen all the way down, and without prototypes', async () => {
    const { claims } = await claimsOf({ address: { lines: [{ street: 'Main' }] }, roles: ['a'] });
    const address = claims.address as { readonly lines: readonly object[] };
    for (const part of [claims, address, address.lines, address.lines[0] as object, claims.roles as object]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.getPrototypeOf(claims)).toBeNull();
    expect(Object.getPrototypeOf(address)).toBeNull();
    expect(() => Object.assign(claims, { scp: 'Orders.Admin' })).toThrow(TypeError);
    expect(() => (claims.roles as string[]).push('b')).toThrow(TypeError);
  });

  it('are an own property: copies of the context have them, and what inherits from it', async () => {
    const auth = await claimsOf({ uti: 'this-one' });
    const copies = [{ ...auth }, structuredClone({ claims: auth.claims }), JSON.parse(JSON.stringify(auth))];
    for (const copy of [...copies, Object.create(auth), Object.create(Object.create(auth))]) {
      expect((copy as typeof auth).claims.uti).toBe('this-one');
    }
    expect(Object.keys(auth)).toContain('claims');
    expect(auth.claims).toBe(auth.claims);
    expect(() => Object.defineProperty(auth, 'claims', { value: {} })).toThrow(TypeError);
  });

  it('are those of the token, whatever somebody has done to the prototype of all objects', async () => {
    Object.defineProperty(Object.prototype, 'acrs', { value: ['c1'], configurable: true });
    Object.defineProperty(Object.prototype, 'groups', { value: ['admins'], configurable: true });
    try {
      const auth = await claimsOf();
      expect(auth.authenticationContexts.size).toBe(0);
      expect(auth.groups).not.toBe('overage');
      expect([...(auth.groups as Iterable<string>)]).toEqual([]);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'acrs');
      Reflect.deleteProperty(Object.prototype, 'groups');
    }
  });
});

describe('what can be handed to an application', () => {
  it.each([
    ['text', { a: 'b' }, true],
    ['32 levels', nested(32), true],
    ['33 levels', nested(33), false],
    ['33 levels of lists', JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`), false],
    ['a lone surrogate', { a: ['\ud800'] }, false],
    ['a lone surrogate in a name', { '\udfff': 1 }, false],
    ['a pair of surrogates', { a: '\ud83d\ude00' }, true],
  ])('%s', (_, value, fit) => {
    expect(isFit(value)).toBe(fit);
    // A glance never says yes to what is not fit.
    expect(isSurelyFit(JSON.stringify(value)) && !fit).toBe(false);
  });

  it.each([
    ['no escapes, few brackets', '{"a":["b",{"c":1}]}', true],
    ['an escape', '{"a":"\\u0041"}', false],
    ['32 brackets', `${'['.repeat(20)}${'{'.repeat(12)}`, true],
    ['33 brackets', `${'['.repeat(20)}${'{'.repeat(13)}`, false],
    ['thousands of brackets', '['.repeat(10_000), false],
  ])('at a glance: %s', (_, text, surely) => {
    expect(isSurelyFit(text)).toBe(surely);
  });
});
