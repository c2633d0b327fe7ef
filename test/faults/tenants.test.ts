import { createValidator, type Validator } from '@entra-guard/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { API, KEY, LOGIN, NOW, signed, userClaims, v2Issuer } from '../support/forger.js';
import { outcomeOf } from '../support/outcome.js';

/** Number of unproven tenants whose documents are kept: half of the documents, because each has metadata and keys. */
const KEPT = 2048;
const TENANTS = Array.from(
  { length: 5000 },
  (_, index) => `aaaabbbb-0000-cccc-1111-${index.toString(16).padStart(12, '0')}`,
);
const [, , PROOF = ''] = signed(userClaims()).split('.');

let now: number;
let asked: string[];
let down: Set<string>;
let hold: Promise<void> | undefined;
let validator: Validator;

beforeEach(() => {
  now = NOW;
  asked = [];
  down = new Set();
  hold = undefined;
  validator = createValidator({ tenants: TENANTS, clientId: API, fetch: entra, now: () => now, log: false });
});

afterEach(() => validator.close());

/** Answers the documents of all tenants. */
const entra: typeof fetch = async (input) => {
  const url = new URL(String(input));
  const tenant = url.pathname.split('/')[1] ?? '';
  asked.push(tenant);
  await hold;
  if (down.has(tenant)) return new Response('', { status: 500 });
  const base = `${LOGIN}/${tenant}`;
  return Response.json(
    url.pathname.endsWith('/keys')
      ? { keys: [KEY.jwk] }
      : { issuer: `${base}/v2.0`, jwks_uri: `${base}/discovery/v2.0/keys` },
  );
};

function claims(tenant: number): object {
  const iat = Math.floor(now / 1000) - 300;
  const tid = TENANTS[tenant] ?? '';
  return userClaims({ iss: v2Issuer(tid), tid, iat, nbf: iat, exp: iat + 3900 });
}

const good = (tenant: number): Promise<string> => outcomeOf(validator, signed(claims(tenant)));

/** Makes the validator read the tenant's keys, without the time for a valid signature. */
function read(tenant: number): Promise<string> {
  const parts = [{ typ: 'JWT', alg: 'RS256', kid: KEY.kid }, claims(tenant)];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return outcomeOf(validator, `${text}.${PROOF}`);
}

async function asking(act: () => Promise<string>): Promise<readonly [outcome: string, requests: number]> {
  const before = asked.length;
  return [await act(), asked.length - before];
}

it('of 5,000 tenants without a valid token, a bounded number of documents is kept and the oldest are evicted', {
  timeout: 30_000,
}, async () => {
  for (let tenant = 0; tenant < TENANTS.length; tenant++) {
    // One tenant sends tokens all the time, in between.
    if (tenant % 500 === 0) expect(await good(7)).toBe('accepted');
    expect(await read(tenant)).toBe('signature_invalid');
    now += 100;
  }
  // The documents of the tenant with a valid token are kept in addition.
  expect(validator.state().sources).toHaveLength(2 * KEPT + 2);
  const [oldest, newest] = [TENANTS.length - KEPT, TENANTS.length - 1];
  for (const kept of [newest, 7, oldest]) expect(await asking(() => good(kept))).toEqual(['accepted', 0]);
  expect(await asking(() => good(oldest - 1))).toEqual(['accepted', 2]);
  // A tenant with a valid token is not evicted by others.
  for (let tenant = 10; tenant < 10 + KEPT; tenant++) {
    expect(await read(tenant)).toBe('signature_invalid');
    now += 100;
  }
  for (const proven of [newest, 7, oldest, oldest - 1]) {
    expect(await asking(() => good(proven))).toEqual(['accepted', 0]);
  }
  expect(await asking(() => read(oldest + 1))).toEqual(['signature_invalid', 2]);
  expect(validator.state().sources).toHaveLength(2 * KEPT + 2 * 4);
});

it("one tenant's outage affects no other tenant", async () => {
  const [broken, healthy] = [1, 2];
  down.add(TENANTS[broken] ?? '');
  for (let round = 0; round < 20; round++) {
    expect(await good(broken)).toBe('keys_unavailable');
    expect(await good(healthy)).toBe('accepted');
    now += 1000;
  }
  down.clear();
  now += 30_000;
  expect(await good(broken)).toBe('accepted');
});

it('5,000 tenants at the same time are all served, also those whose documents are evicted at once', {
  timeout: 30_000,
}, async () => {
  let release = (): void => {};
  hold = new Promise((resolve) => {
    release = resolve;
  });
  const outcomes = TENANTS.map((_, tenant) => read(tenant));
  await new Promise((resolve) => setImmediate(resolve));
  release();
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(outcomes)) counts[outcome] = (counts[outcome] ?? 0) + 1;
  expect(counts).toEqual({ signature_invalid: TENANTS.length });
  expect(validator.state().sources.length).toBeLessThanOrEqual(2 * KEPT);
});
