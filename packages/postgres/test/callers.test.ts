import { inspect } from 'node:util';
import { AuthContext } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { describe, expect, it } from 'vitest';
import { asCaller, CLAIMS_SETTING, callerSettings } from '../src/index.js';
import { DescribedCaller } from './support/described-caller.js';
import { FakePool } from './support/fake-pool.js';
import { ada } from './support/orders.js';

const claimsOf = (auth: AuthContext | undefined) => JSON.parse(callerSettings(auth).values[0]) as unknown;

describe('callerSettings', () => {
  it('gives a statement with one parameter, for the time of the transaction', () => {
    expect(callerSettings(undefined)).toEqual({
      text: "select pg_catalog.set_config('entra.claims', $1, true)",
      values: ['{"v":1,"kind":"anonymous"}'],
    });
    expect(CLAIMS_SETTING).toBe('entra.claims');
  });

  it('leaves out what the token does not say', () => {
    const { tenantId, clientId, objectId, subjectKey } = testAuth({ kind: 'app', roles: ['A', 'B'] });
    expect(claimsOf(testAuth({ kind: 'app', roles: ['A', 'B'] }))).toEqual({
      v: 1,
      kind: 'app',
      tenantId,
      objectId,
      clientId,
      subjectKey,
      scopes: [],
      roles: ['A', 'B'],
    });
  });

  it('is not changed by what another library put on a prototype', () => {
    const expected = callerSettings(ada);
    const prototypes = [Object.prototype, Array.prototype, String.prototype, Boolean.prototype];
    for (const prototype of prototypes)
      Object.defineProperty(prototype, 'toJSON', { configurable: true, value: () => 'forged' });
    try {
      expect(callerSettings(ada).values[0]).toBe(expected.values[0]);
    } finally {
      for (const prototype of prototypes) Reflect.deleteProperty(prototype, 'toJSON');
    }
  });
});

describe('what is a caller', () => {
  const inherits = Object.create(ada) as AuthContext;
  const { ...spread } = ada;
  class Looks {
    readonly subjectKey = ada.subjectKey;
    static [Symbol.hasInstance] = () => true;
  }
  const notCallers: readonly (readonly [string, unknown, string])[] = [
    ['null', null, 'was given null'],
    ['a spread copy', spread, 'a copy of a caller'],
    ['a clone by JSON', JSON.parse(JSON.stringify(ada)), 'a copy of a caller'],
    ['an object that inherits from one', inherits, 'a copy of a caller'],
    ['a proxy of one', new Proxy(ada, {}), 'a copy of a caller'],
    ['an object of the prototype', Object.create(AuthContext.prototype), 'an object instead of a caller'],
    ['an imitation', new Looks(), 'a copy of a caller'],
    ['a promise of one', Promise.resolve(ada), 'an object instead of a caller'],
    ['a subject key', ada.subjectKey, 'a string instead of a caller'],
    ['claims', { v: 1, kind: 'anonymous' }, 'an object instead of a caller'],
    ['false', false, 'a boolean instead of a caller'],
  ];

  it.each(notCallers)('is not %s', async (_, given, problem) => {
    const pool = new FakePool();
    expect(() => callerSettings(given as AuthContext)).toThrow(problem);
    const asked = asCaller(pool, given as AuthContext, (client) => client.query('select 1'));
    await expect(asked).rejects.toThrow(problem);
    await expect(asked).rejects.toMatchObject({ code: 'configuration_invalid' });
    expect(pool.statements).toEqual([]);
  });

  it('is the caller that the guard gave', () => {
    expect(claimsOf(ada)).toMatchObject({ kind: 'user', subjectKey: ada.subjectKey });
  });

  it.each([
    ['kind', { kind: 'anonymous' }],
    ['subjectKey', { subjectKey: '' }],
    ['subjectKey', { subjectKey: 7 }],
    ['tenantId', { tenantId: '' }],
    ['clientId', { clientId: ['c'] }],
    ['scopes', { scopes: [7] }],
    ['roles', { roles: [null] }],
    ['agent.actor', { agent: { actor: 'no' } }],
    ['agent.blueprintId', { agent: { actor: true, blueprintId: '' } }],
  ])('is not one of a derived class whose %s is %j', (name, members) => {
    expect(() => callerSettings(new DescribedCaller(members as never))).toThrow(
      `was given a caller whose ${name} can't be told to the database`,
    );
  });

  it('is shown in no error', () => {
    const { ...copy } = ada;
    try {
      callerSettings(copy as AuthContext);
      expect.unreachable();
    } catch (error) {
      expect(inspect(error)).not.toContain(ada.subjectKey);
    }
  });
});
