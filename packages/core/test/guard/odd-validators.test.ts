import { describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, forged, signed, userClaims } from '../../../../test/support/forger.js';
import type { Guard } from '../../src/guard/guard-contract.js';
import { authenticated, createGuard, createValidator, type LogEntry, scopes } from '../../src/index.js';
import type { Validator } from '../../src/token/validator-contract.js';
import { refusalOf } from '../refusals.js';

const bearing = (token: string): Request =>
  new Request('https://api.contoso.example/orders', { headers: { Authorization: `Bearer ${token}` } });
const read = scopes('Orders.Read');

describe('a validator that was changed or wrapped', () => {
  const token = signed(userClaims());

  it.each<[string, (own: Validator, validate: Validator['validate']) => Validator]>([
    ['is ours with another validate', (own, validate) => Object.assign(own, { validate })],
    [
      'stands before ours',
      (own, validate) =>
        new Proxy(own, {
          get: (target, name) => (name === 'validate' ? validate : Reflect.get(target, name)),
        }),
    ],
  ])('is asked as they meant it: one that %s', async (_, change) => {
    const own = createValidator(contoso());
    const asked: string[] = [];
    const validator = change(own, (given) => {
      asked.push(given);
      return Promise.reject(new Error('not today'));
    });
    const guard = createGuard({ validator });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    await expect(guard.authenticate(bearing(token))).rejects.toThrow('not today');
    await expect(guard.require(bearing(token), read)).rejects.toThrow('not today');
    expect(asked).toEqual([token, token]);
    vi.restoreAllMocks();
  });

  it.each<[string, (own: Validator, validate: Validator['validate']) => () => void]>([
    [
      'on itself by a spy',
      (own, validate) => {
        const spy = vi.spyOn(own, 'validate').mockImplementation(validate);
        return () => spy.mockRestore();
      },
    ],
    [
      'on its class',
      (own, validate) => {
        const prototype = Object.getPrototypeOf(own) as { validate: Validator['validate'] };
        const before = prototype.validate;
        prototype.validate = validate;
        return () => {
          prototype.validate = before;
        };
      },
    ],
  ])('is asked where its validate was replaced %s, also about a token that it knows', async (_, replace) => {
    const own = createValidator(contoso());
    const guard = createGuard({ validator: own });
    for (let use = 0; use < 3; use++) await guard.require(bearing(token), read);
    const asked: string[] = [];
    const restore = replace(own, (given) => {
      asked.push(given);
      return Promise.reject(new Error('not today'));
    });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      await expect(guard.require(bearing(token), read)).rejects.toThrow('not today');
      await expect(guard.authenticate(bearing(token))).rejects.toThrow('not today');
    } finally {
      restore();
      vi.restoreAllMocks();
    }
    expect(asked).toEqual([token, token]);
    expect((await guard.require(bearing(token), read)).objectId).toBe(ADA);
  });

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'gave undefined instead'],
    ['null', null, 'gave null instead'],
    ['false', false, 'gave false instead'],
    ['true', true, 'gave true instead'],
    ['0', 0, 'gave 0 instead'],
    ['an empty string', '', 'gave an empty string instead'],
    ['the token', token, `gave a string of ${token.length} characters instead`],
    ['a list', [], 'gave an array of 0 instead'],
    ['an object', {}, 'gave an object instead'],
    ['a function', () => true, 'gave a function instead'],
    ['the claims', userClaims(), 'gave an object instead'],
    [
      'what looks like a context',
      { kind: 'user', objectId: ADA, scopes: new Set(['Orders.Read']), roles: new Set(), claims: {} },
      'gave an object instead',
    ],
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library.
    ['a promise of nothing', { then: (resolve: (value?: unknown) => void) => resolve() }, 'gave undefined'],
  ])('lets no caller in by giving %s', async (_, given, sentence) => {
    for (const validate of [() => given, async () => given]) {
      const log: LogEntry[] = [];
      const validator = Object.assign(createValidator(contoso({ log: (entry) => log.push(entry) })), {
        validate: validate as unknown as Validator['validate'],
      });
      const guard = createGuard({ validator });
      const request = bearing(token);
      for (const decision of [
        () => guard.authenticate(request),
        () => guard.authenticate(request, { optional: true }),
        () => guard.require(request, read),
        async () => guard.decide(request, authenticated(), {}),
      ]) {
        const error = await refusalOf(decision());
        expect(error.message).toContain(`validator.validate(...) ${sentence}`);
        expect(guard.toHttp(error).status).toBe(500);
        expect(guard.authOf(request)).toBeUndefined();
      }
      expect(log[0]).toMatchObject({ level: 'error', code: 'configuration_invalid' });
    }
  });

  it('may answer with a context that another copy of the package made', async () => {
    vi.resetModules();
    const other = await import('../../src/index.js');
    const guard = createGuard({ validator: other.createValidator(contoso()) });
    for (let use = 0; use < 3; use++) {
      const request = bearing(token);
      const auth = await guard.require(request, read);
      expect(auth.objectId).toBe(ADA);
      expect(guard.authOf(request)).toBe(auth);
      await expect(guard.authenticate(bearing(forged(userClaims())))).rejects.toMatchObject({ status: 401 });
    }
  });

  it('may answer with anything that can be waited for, and is waited for', async () => {
    const own = createValidator(contoso());
    const later = (settle: 'resolve' | 'reject') => ({
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library.
      then: (resolve: (auth: unknown) => void, reject: (error: Error) => void) =>
        settle === 'resolve' ? own.validate(token).then(resolve) : reject(new Error('not today')),
    });
    const guardWith = (settle: 'resolve' | 'reject'): Guard =>
      createGuard({
        validator: Object.assign(createValidator(contoso()), { validate: () => later(settle) }),
      });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect((await guardWith('resolve').authenticate(bearing(token))).objectId).toBe(ADA);
    await expect(guardWith('reject').authenticate(bearing(token))).rejects.toThrow('not today');
    vi.restoreAllMocks();
  });
});
