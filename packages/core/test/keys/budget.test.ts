import { createValidator, KeysUnavailableError, type Validator } from '@entra-guard/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  API,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  signed,
  userClaims,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf } from '../../../../test/support/outcome.js';

const NEXT = makeKey('next');
const TENANTS = Array.from(
  { length: 6000 },
  (_, index) => `aaaabbbb-0000-cccc-1111-${index.toString(16).padStart(12, '0')}`,
);
const [, , PROOF = ''] = signed(userClaims()).split('.');

let now: number;
let asked: string[];
let published = [KEY];
let validator: Validator;

beforeEach(() => {
  now = NOW;
  asked = [];
  published = [KEY];
  validator = createValidator({ tenants: TENANTS, clientId: API, fetch: entra, now: () => now, log: false });
});

const entra: typeof fetch = async (input) => {
  const url = new URL(String(input));
  const tenant = url.pathname.split('/')[1] ?? '';
  asked.push(tenant);
  const base = `${LOGIN}/${tenant}`;
  return Response.json(
    url.pathname.endsWith('/keys')
      ? { keys: published.map(({ jwk }) => jwk) }
      : { issuer: `${base}/v2.0`, jwks_uri: `${base}/discovery/v2.0/keys` },
  );
};

function claims(tenant: number): object {
  const iat = Math.floor(now / 1000) - 300;
  const tid = TENANTS[tenant] ?? '';
  return userClaims({ iss: v2Issuer(tid), tid, iat, nbf: iat, exp: iat + 3900 });
}
const good = (tenant: number, key = KEY): Promise<string> =>
  outcomeOf(validator, signed(claims(tenant), {}, { key }));
const junk = (tenant: number, kid: string): string => {
  const parts = [{ typ: 'JWT', alg: 'RS256', kid }, claims(tenant)];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.${PROOF}`;
};
/** Tokens with key IDs that no authority has published, for tenants whose keys were read before. */
async function useUp(from: number, to: number): Promise<void> {
  for (const kid of [KEY.kid, 'made-up']) {
    for (let tenant = from; tenant < to; tenant++) await outcomeOf(validator, junk(tenant, kid));
  }
}
async function requestsOf(act: () => Promise<unknown>): Promise<number> {
  const before = asked.length;
  await act();
  return asked.length - before;
}

/** Milliseconds: tens of thousands of tokens are sent, also on a busy machine. */
const LONG = 60_000;

describe('what junk can make a process fetch', () => {
  it('made-up key IDs under one tenant after another: sixty looks, then one in two seconds', async () => {
    for (let tenant = 0; tenant < 500; tenant++) await good(tenant);
    for (let tenant = 500; tenant < 700; tenant++) await outcomeOf(validator, junk(tenant, KEY.kid));
    const looks = await requestsOf(async () => {
      for (let tenant = 500; tenant < 700; tenant++) await outcomeOf(validator, junk(tenant, 'made-up'));
    });
    expect(looks).toBe(60);
    const error = await refusalOf(validator, junk(699, 'made-up'));
    expect(error).toMatchObject({ code: 'keys_unavailable', status: 503 });
    expect(KeysUnavailableError.is(error) && error.retryAfter).toBe(2);
    now += 20_000;
    const later = await requestsOf(async () => {
      for (let tenant = 570; tenant < 700; tenant++) await outcomeOf(validator, junk(tenant, 'made-up'));
    });
    expect(later).toBe(10);
    // A thousand signatures, made and verified.
  }, 30_000);

  it('a known tenant has a look of its own whatever the others use up, and its rotation is ridden through', async () => {
    expect(await good(7)).toBe('accepted');
    await useUp(100, 300);
    published = [NEXT];
    expect(await good(7, NEXT)).toBe('accepted');
    // This one is not known yet: that is decided a little later.
    expect(await outcomeOf(validator, junk(299, 'made-up'))).toBe('keys_unavailable');
  });

  it('the share of a known tenant is one look in five minutes, on top of what there is for all', async () => {
    expect(await good(7)).toBe('accepted');
    await useUp(100, 300);
    expect(await requestsOf(() => outcomeOf(validator, junk(7, 'a')))).toBe(1);
    const meanwhile = async (milliseconds: number): Promise<number> => {
      now += milliseconds;
      await useUp(300, 500);
      return requestsOf(() => outcomeOf(validator, junk(7, 'a')));
    };
    expect(await meanwhile(299_999)).toBe(0);
    expect(await meanwhile(1)).toBe(1);
  });

  it('after the clock was set back nothing is gained until it has moved on', async () => {
    const looks = (from: number): Promise<number> =>
      requestsOf(async () => {
        for (let tenant = from; tenant < from + 100; tenant++)
          await outcomeOf(validator, junk(tenant, 'made-up'));
      });
    for (let tenant = 0; tenant < 400; tenant++) await outcomeOf(validator, junk(tenant, KEY.kid));
    expect(await looks(0)).toBe(60);
    now -= 60_000;
    for (let tenant = 0; tenant < 400; tenant++) await outcomeOf(validator, junk(tenant, KEY.kid));
    expect(await looks(100)).toBe(0);
    now += 20_000;
    expect(await looks(200)).toBe(10);
  });

  it('listed tenants one after another, round and round: ten thousand documents, then ten a second', {
    timeout: LONG,
  }, async () => {
    expect(await good(0)).toBe('accepted');
    const known = asked.length;
    for (let round = 0; round < 2; round++) {
      for (let tenant = 1; tenant < TENANTS.length; tenant++) {
        await outcomeOf(validator, junk(tenant, KEY.kid));
      }
    }
    expect(asked.length).toBe(10_000);
    const error = await refusalOf(validator, junk(1, KEY.kid));
    expect(error).toMatchObject({ code: 'keys_unavailable', retryAfter: 1 });
    expect(error.message).toContain('has read too many documents');
    // The tenant that a good token comes from has lost nothing.
    expect(await requestsOf(async () => expect(await good(0)).toBe('accepted'))).toBe(0);
    expect(known).toBe(2);
    now += 1000;
    expect(
      await requestsOf(async () => {
        for (let tenant = 1; tenant < 20; tenant++) await outcomeOf(validator, junk(tenant, KEY.kid));
      }),
    ).toBe(10);
  });
});
