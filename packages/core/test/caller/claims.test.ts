import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { isFit, isSurelyFit } from '../../src/base/json-object.js';
import { createValidator } from '../../src/index.js';

/** By a name, so that the linter leaves it as people write it. */
const asksWhetherIt = 'hasOwnProperty';
const asksWhetherItShows = 'propertyIsEnumerable';

const nested = (depth: number): unknown => (depth === 0 ? 'x' : { in: nested(depth - 1) });

async function claimsOf(changes: Record<string, unknown> = {}) {
  const validator = createValidator(contoso());
  return validator.validate(signed(userClaims(changes)));
}

describe('the claims of a caller', () => {
  it('are frozen all the way down, and without the prototype of all objects', async () => {
    const { claims } = await claimsOf({ address: { lines: [{ street: 'Main' }] }, roles: ['a'] });
    const address = claims.address as { readonly lines: readonly object[] };
    for (const part of [claims, address, address.lines, address.lines[0] as object, claims.roles as object]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    for (const part of [claims, address, address.lines[0] as object]) {
      const inherited = Object.getPrototypeOf(part);
      expect(Object.getPrototypeOf(inherited)).toBeNull();
      expect(Reflect.ownKeys(inherited)).toEqual(['hasOwnProperty', 'propertyIsEnumerable', 'toString']);
      expect(Object.isFrozen(inherited)).toBe(true);
      expect(() => Object.assign(inherited, { hasOwnProperty: () => true })).toThrow(TypeError);
    }
    expect(() => Object.assign(claims, { scp: 'Orders.Admin' })).toThrow(TypeError);
    expect(() => (claims.roles as string[]).push('b')).toThrow(TypeError);
  });

  it('are asked as Microsoft’s samples ask them', async () => {
    const { claims } = await claimsOf({ address: { street: 'Main' }, name: undefined });
    const address = claims.address as object;
    for (const [asked, expected] of [
      [claims[asksWhetherIt]('scp'), true],
      [claims[asksWhetherIt]('name'), false],
      [claims[asksWhetherIt]('hasOwnProperty'), false],
      [claims[asksWhetherItShows]('scp'), true],
      [claims[asksWhetherItShows]('toString'), false],
      [address[asksWhetherIt]('street'), true],
      [claims.toString(), '[object Object]'],
      [String(claims), '[object Object]'],
      ['valueOf' in claims, false],
      ['constructor' in claims, false],
      ['__proto__' in claims, false],
    ]) {
      expect(asked).toBe(expected);
    }
  });

  it('are told and copied without what they inherit', async () => {
    const { claims } = await claimsOf({ address: { street: 'Main' } });
    const { address, scp } = JSON.parse(JSON.stringify(claims));
    expect({ address, scp }).toEqual({ address: { street: 'Main' }, scp: claims.scp });
    expect(claims).toEqual(JSON.parse(JSON.stringify(claims)));
    const clone = structuredClone(claims);
    expect(Object.getPrototypeOf(clone)).toBe(Object.prototype);
    expect(clone).toEqual(claims);
    expect(Object.keys({ ...claims })).toEqual(Object.keys(claims));
    const named: string[] = [];
    for (const name in claims) named.push(name);
    expect(named).toEqual(Object.keys(claims));
    expect(inspect(claims)).toMatch(/\bscp: 'Orders\.Read/);
    expect(inspect(claims)).not.toContain('hasOwnProperty');
  });

  it.each([
    'hasOwnProperty',
    'propertyIsEnumerable',
    'toString',
    'toJSON',
    'valueOf',
    'constructor',
    '__proto__',
    '__defineGetter__',
    'then',
    'length',
  ])('called %s are data like any other', async (name) => {
    const value = { scp: 'Orders.Admin', hasOwnProperty: true };
    const auth = await claimsOf(JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`));
    expect(Object.hasOwn(auth.claims, name)).toBe(true);
    expect(Object.getOwnPropertyDescriptor(auth.claims, name)?.value).toEqual(value);
    expect(auth.claims.scp).toBe(userClaims().scp);
    expect(auth.scopes.has('Orders.Admin')).toBe(false);
    expect(Object.hasOwn(Object.prototype, 'scp')).toBe(false);
    expect(JSON.parse(JSON.stringify(auth)).claims[name]).toEqual(value);
    expect({}.hasOwnProperty).toBe(Object.prototype.hasOwnProperty);
    expect((await claimsOf()).claims[asksWhetherIt]('scp')).toBe(true);
  });

  it('are asked by the language’s own functions, whatever has been put in their place since', async () => {
    const original = Object.prototype.hasOwnProperty;
    const { claims } = await claimsOf();
    try {
      Object.prototype.hasOwnProperty = () => true;
      expect(claims[asksWhetherIt]('admin')).toBe(false);
    } finally {
      Object.prototype.hasOwnProperty = original;
    }
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

  it('are those of the token, whatever the prototype of all objects holds', async () => {
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
