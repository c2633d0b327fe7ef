import { createValidator, type TenantPredicate } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  documents,
  KEY,
  NOW,
  OTHER_TENANT,
  STRANGER,
  sharedPages,
  signed,
  TENANT,
  tokenOf,
  userClaims,
} from '../../../../test/support/forger.js';
import { acceptingTenants, outcomeOf } from '../../../../test/support/outcome.js';

const docs = documents(sharedPages());

describe('the tenants function', () => {
  it.each<[string, TenantPredicate, string]>([
    ['true accepts', () => true, 'accepted'],
    ['a promise of true accepts', async () => true, 'accepted'],
    ['false refuses', () => false, 'tenant_not_accepted'],
    ['a truthy value that is not true refuses', () => 'yes' as unknown as boolean, 'tenant_not_accepted'],
    ['1 refuses', () => 1 as unknown as boolean, 'tenant_not_accepted'],
    ['undefined refuses', () => undefined as unknown as boolean, 'tenant_not_accepted'],
    [
      'a throw decides nothing (503)',
      () => {
        throw new Error('database down');
      },
      'hook_failed',
    ],
    ['a rejection decides nothing (503)', () => Promise.reject(new Error('database down')), 'hook_failed'],
  ])('%s', async (_, accepts, expected) => {
    expect(await outcomeOf(acceptingTenants(accepts, docs), tokenOf(OTHER_TENANT))).toBe(expected);
  });

  it('a function is asked only after the signature held, and with the tenant in lower case', async () => {
    const asked: string[] = [];
    const validator = acceptingTenants((tid) => asked.push(tid) > 0, docs);
    await outcomeOf(validator, signed(userClaims(), { kid: KEY.kid }, { key: STRANGER }));
    expect(asked).toEqual([]);
    const token = tokenOf(OTHER_TENANT, { tid: OTHER_TENANT.toUpperCase() });
    expect(await outcomeOf(validator, token)).toBe('accepted');
    expect(asked).toEqual([OTHER_TENANT]);
  });

  it('an answer is remembered for a minute, a failure for five seconds', async () => {
    let now = NOW;
    let calls = 0;
    let broken = true;
    const validator = createValidator({
      clientId: API,
      fetch: docs.fetch,
      log: false,
      now: () => now,
      tenants: () => {
        calls++;
        if (broken) throw new Error('down');
        return true;
      },
    });
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('hook_failed');
    broken = false;
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('hook_failed');
    expect(calls).toBe(1);
    now += 5000;
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('accepted');
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('accepted');
    expect(calls).toBe(2);
    now += 60_000;
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('accepted');
    expect(calls).toBe(3);
  });
});
