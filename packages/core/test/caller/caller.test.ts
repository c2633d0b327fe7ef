import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { AUTHORITY_FACTS } from '../../src/caller/authority-facts.js';
import {
  AuthContext,
  authenticated,
  authorize,
  ConfigurationError,
  createValidator,
  evaluate,
  scopes,
} from '../../src/index.js';
import { user } from '../callers.js';
import { refusalOf } from '../refusals.js';

const ada = user();
const brand = Symbol.for('entra-guard/AuthContext');

const descriptors = Object.getOwnPropertyDescriptors(ada);

/** Whatever says what a caller says and is not one. */
const COPIES: readonly [string, unknown][] = [
  ['a spread', { ...ada }],
  ['a clone', structuredClone(ada)],
  ['JSON', JSON.parse(JSON.stringify(ada))],
  ['what inherits from a caller', Object.create(ada)],
  ['what inherits from a caller, with more scopes', Object.create(ada, { scopes: { value: ['Admin'] } })],
  ['what inherits from what inherits', Object.create(Object.create(ada))],
  ['the members on the prototype of a caller', Object.assign(Object.create(Object.getPrototypeOf(ada)), ada)],
  ['the descriptors on the prototype of a caller', Object.create(Object.getPrototypeOf(ada), descriptors)],
  ['the members on the prototype of AuthContext', Object.assign(Object.create(AuthContext.prototype), ada)],
  ['what the class itself makes', Object.assign(new (AuthContext as unknown as new () => object)(), ada)],
  ['a proxy', new Proxy(ada, {})],
  ['JSON that names the brand', JSON.parse(JSON.stringify({ ...ada, [String(brand)]: true, brand: true }))],
];

const OTHERS: readonly [string, unknown, RegExp][] = [
  ['nothing', undefined, /was given undefined instead of a caller. No guard has authenticated a caller here/],
  ['null', null, /was given null instead of a caller. No guard has authenticated a caller here/],
  ['a token', 'eyJ0eXAi.eyJhdWQi.c2ln', /was given a string instead of a caller/],
  ['a promise of a caller', Promise.resolve(ada), /was given a promise instead of a caller. Wait for it/],
  ['any object', {}, /was given an object instead of a caller/],
  ['a list', [ada], /was given an array of 1 instead of a caller/],
  ['true', true, /was given true instead of a caller/],
];

const everyRequirement = [scopes('Orders.Read'), authenticated()];

describe.each(COPIES)('%s is not a caller', (_, copy) => {
  it.each(everyRequirement)('for %s', async (requirement) => {
    expect(AuthContext.is(copy)).toBe(false);
    const error = await refusalOf(authorize(requirement, copy as AuthContext));
    expect(ConfigurationError.is(error)).toBe(true);
    expect(error.message).toMatch(
      /^authorize\(\.\.\.\) was given a copy of a caller.*sealCaller.*openCaller/,
    );
    expect(() => evaluate(requirement, copy as AuthContext)).toThrow(
      /^evaluate\(\.\.\.\) was given a copy of a caller/,
    );
  });
});

describe('in the place of a caller', () => {
  it.each(OTHERS)('%s is an error of the application', async (_, value, words) => {
    const error = await refusalOf(authorize(authenticated(), value as AuthContext));
    expect(error).toMatchObject({ name: 'ConfigurationError', status: 500 });
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('eyJ');
    expect(() => evaluate(authenticated(), value as AuthContext)).toThrow(words);
  });

  it('what a class of the application makes is one, and no copy of it', () => {
    class OwnContext extends (AuthContext as unknown as new () => object) {}
    const own = Object.assign(new OwnContext(), ada);
    expect(AuthContext.is(own)).toBe(true);
    expect(evaluate(scopes('Orders.Read'), own as unknown as AuthContext)).toEqual({ granted: true });
    for (const copy of [{ ...own }, structuredClone(own), Object.create(own)]) {
      expect(() => evaluate(scopes('Orders.Read'), copy)).toThrow('a copy of a caller');
    }
  });

  it('a caller is one', async () => {
    const auth = await createValidator(contoso()).validate(signed(userClaims()));
    for (const caller of [auth, ada]) {
      expect(AuthContext.is(caller)).toBe(true);
      await expect(authorize(scopes('Orders.Read'), caller)).resolves.toBeUndefined();
      expect(evaluate(scopes('Orders.Read'), caller).granted).toBe(true);
    }
  });
});

describe('what inherits from a caller, or copies it', () => {
  it('has no authority that challenges could name', async () => {
    const auth = await createValidator(contoso()).validate(signed(userClaims()));
    const prototype = Object.getPrototypeOf(auth);
    const facts = (value: object) => (value as { [AUTHORITY_FACTS]?: unknown })[AUTHORITY_FACTS];
    expect(facts(auth)).toMatchObject({ realm: expect.any(String) });
    expect(facts(Object.create(auth))).toBeUndefined();
    expect(facts(Object.assign(Object.create(prototype), auth))).toBeUndefined();
  });

  it('says why its claims cannot be read, where nothing but property descriptors was copied', () => {
    const copy = Object.create(null, descriptors) as AuthContext;
    expect(copy.subjectKey).toBe(ada.subjectKey);
    expect(() => copy.claims).toThrow(/were read from a copy.*structuredClone\(auth\)/);
  });
});
