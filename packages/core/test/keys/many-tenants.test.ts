import { createValidator, type Validator } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  API,
  type Json,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  signed,
  userClaims,
  v1Claims,
  v1Issuer,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';

const TENANTS = Array.from(
  { length: 5000 },
  (_, index) => `aaaabbbb-0000-cccc-2222-${index.toString(16).padStart(12, '0')}`,
);
const ROTATED = makeKey('rotated');

/** How many of them have callers with v1 tokens, too: together they need more documents than fitted in once. */
const IN_BOTH = process.env.ENTRA_GUARD_FULL === '1' ? TENANTS.length : 1500;

/** Signed once, since that takes longer than all that is tested with them. */
const lasting: Json = { exp: NOW / 1000 + 86_400 };
const v2Tokens = TENANTS.map((tid) => signed(userClaims({ iss: v2Issuer(tid), tid, ...lasting })));
const v1Tokens = TENANTS.slice(0, IN_BOTH).map((tid) =>
  signed(v1Claims({ iss: v1Issuer(tid), tid, ...lasting })),
);

let now: number;
let down: boolean;
let requests: number;
let published = [KEY];
let validator: Validator;

const entra: typeof fetch = async (input) => {
  requests++;
  if (down) return new Response('down', { status: 503 });
  const url = new URL(String(input));
  const tenant = url.pathname.split('/')[1] ?? '';
  const v2 = url.pathname.includes('/v2.0');
  if (url.pathname.endsWith('/keys')) {
    const issuer = `${LOGIN}/{tenantid}/v2.0`;
    return Response.json({ keys: published.map(({ jwk }) => ({ ...jwk, issuer })) });
  }
  return Response.json({
    issuer: v2 ? v2Issuer(tenant) : v1Issuer(tenant),
    jwks_uri: `${LOGIN}/${tenant}/discovery${v2 ? '/v2.0' : ''}/keys`,
  });
};

beforeEach(() => {
  now = NOW;
  down = false;
  requests = 0;
  published = [KEY];
  validator = createValidator({ tenants: TENANTS, clientId: API, fetch: entra, now: () => now, log: false });
});
afterEach(() => validator.close());

/** How many of the tokens were accepted. */
async function accepted(tokens: readonly string[]): Promise<number> {
  let count = 0;
  for (const one of tokens) if ((await outcomeOf(validator, one)) === 'accepted') count++;
  return count;
}
async function acceptedTogether(tokens: readonly string[]): Promise<number> {
  const outcomes = await Promise.all(tokens.map((one) => outcomeOf(validator, one)));
  return outcomes.filter((outcome) => outcome === 'accepted').length;
}

describe('five thousand tenants work as one does', { timeout: 120_000 }, () => {
  it.each([
    ['v2 tokens', v2Tokens],
    ['v1 tokens', v1Tokens],
  ])('all at once after a start: %s', async (_, tokens) => {
    expect(await acceptedTogether(tokens)).toBe(tokens.length);
  });

  it('in both versions, each document read once, and through an outage longer than keys stay fresh', async () => {
    expect(await accepted(v1Tokens)).toBe(IN_BOTH);
    expect(await accepted(v2Tokens)).toBe(TENANTS.length);
    const documents = 2 * TENANTS.length + 2 * IN_BOTH;
    expect(requests).toBe(documents);
    expect(await accepted(v1Tokens)).toBe(IN_BOTH);
    expect(requests).toBe(documents);
    expect(validator.state().sources).toHaveLength(documents);
    down = true;
    now += 3 * 3_600_000;
    expect(await accepted(v2Tokens)).toBe(TENANTS.length);
    expect(await accepted(v1Tokens)).toBe(IN_BOTH);
  });

  it('while junk names one of them after another, known ones go on and can rotate', async () => {
    const [known, others] = [v2Tokens.slice(0, 500), v2Tokens.slice(500, 1000)];
    expect(await accepted(known)).toBe(known.length);
    for (const one of others) await outcomeOf(validator, forged(one));
    const before = requests;
    for (const one of others) await outcomeOf(validator, madeUp(one));
    // Sixty looks for all that are not known.
    expect(requests - before).toBe(60);
    published = [ROTATED];
    const rotated = signed(
      userClaims({ iss: v2Issuer(TENANTS[7] as string), tid: TENANTS[7] }),
      {},
      { key: ROTATED },
    );
    expect(await outcomeOf(validator, rotated)).toBe('accepted');
    expect(await accepted(known.slice(8))).toBe(known.length - 8);
  });
});

/** Those claims without a signature that holds. */
function forged(one: string): string {
  const [header, payload] = one.split('.');
  return `${header}.${payload}.${v2Tokens[0]?.split('.')[2]}`;
}
function madeUp(one: string): string {
  const header = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'RS256', kid: 'made-up' })).toString(
    'base64url',
  );
  return [header, ...forged(one).split('.').slice(1)].join('.');
}
