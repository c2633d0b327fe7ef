import { describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { CALLER_BRAND } from '../../src/caller/auth-context.js';
import { AuthContext, createValidator } from '../../src/index.js';
import { testAuth } from '../../src/testing/index.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });

/** As an application may write one, for a validator of its own. */
class OwnContext extends (AuthContext as unknown as new () => object) {}

describe('what is a context', () => {
  it.each<[string, () => Promise<AuthContext> | AuthContext]>([
    ["a validator's", () => createValidator(contoso()).validate(signed(userClaims()))],
    ['one for tests', () => ada],
    ['one of a class that an application derived', () => new OwnContext() as AuthContext],
    [
      'one that another copy of the package made',
      async () => {
        vi.resetModules();
        const other = await import('../../src/testing/index.js');
        const auth = other.testAuth({ kind: 'user', scopes: ['Orders.Read'] });
        expect(auth).not.toBeInstanceOf(AuthContext);
        return auth;
      },
    ],
  ])('%s', async (_, made) => {
    expect(AuthContext.is(await made())).toBe(true);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'ada'],
    ['a function', () => ada],
    ['the class', AuthContext],
    ['a copy', { ...ada }],
    ['a copy with its class', Object.assign(Object.create(Object.getPrototypeOf(ada)), { kind: 'user' })],
    [
      'a copy with all that can be copied',
      Object.create(Object.getPrototypeOf(ada), Object.getOwnPropertyDescriptors(ada)),
    ],
    ['what inherits from one', Object.create(ada)],
    ['what has the class for its prototype', Object.create(AuthContext.prototype)],
    ['what an application’s class has made without its constructor', Object.create(OwnContext.prototype)],
    ['something before one', new Proxy(ada, {})],
    ['something that says yes to everything', new Proxy({}, { get: () => true, has: () => true })],
    ['what the class itself has made', Reflect.construct(AuthContext as unknown as new () => object, [])],
    ['what has the brand', { [CALLER_BRAND]: true }],
    ['JSON of one', JSON.parse(JSON.stringify(ada))],
    ['a promise of one', Promise.resolve(ada)],
  ])('what is not a context: %s', (_, value) => {
    expect(AuthContext.is(value)).toBe(false);
  });

  it('is never taken for a promise, whatever the prototype of all objects holds', async () => {
    Object.defineProperty(Object.prototype, 'then', {
      value: (resolve: (value: unknown) => void) => resolve('another caller'),
      configurable: true,
    });
    try {
      expect(await ada).toBe(ada);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'then');
    }
  });
});
