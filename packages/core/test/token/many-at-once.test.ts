import { setImmediate as turn } from 'node:timers/promises';
import { AuthContext, createGuard, type Guard, scopes } from '@entra-guard/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  documents,
  KEY,
  LOGIN,
  makeKey,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';
import { comesInCrowd, NO_CROWD } from '../../src/token/signature/arrivals.js';
import { MAX_UNDER_WAY } from '../../src/token/signature/signature-pool.js';
import { crowd } from './crowd.js';

// On a machine with one processor nothing would be verified off the event loop.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => 2,
}));

const REQUIREMENT = scopes('Orders.Read');
const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;

/** Where signatures are verified: in turn, on this thread or on another. */
const verified = vi.hoisted(() => ({ where: [] as ('here' | 'elsewhere')[] }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const verify = (...given: Parameters<typeof crypto.verify>) => {
    verified.where.push(given.length === 5 ? 'elsewhere' : 'here');
    return crypto.verify(...given);
  };
  return { ...crypto, verify };
});

let number = 0;
/** A new token, by any key that calls itself the published one. */
const by = (key: typeof KEY, changes: Record<string, unknown> = {}): string =>
  signed(userClaims({ uti: `many-${++number}`, scp: 'Orders.Read', ...changes }), { kid: KEY.kid }, { key });
const fresh = (changes: Record<string, unknown> = {}): string => by(KEY, changes);
const forged = (): string => by(STRANGER);

const requestWith = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const guards: Guard[] = [];

function guardOf(...given: Parameters<typeof singleTenant>): Guard {
  const guard = createGuard({ validator: singleTenant(...given) });
  guards.push(guard);
  return guard;
}

/** A guard whose keys are loaded, and which has seen a token of the tenant. */
async function ready(...given: Parameters<typeof singleTenant>): Promise<Guard> {
  const guard = guardOf(...given);
  await guard.validator.validate(fresh());
  await turn();
  verified.where.length = 0;
  return guard;
}

afterEach(() => {
  vi.unstubAllGlobals();
  for (const guard of guards.splice(0)) guard.close();
});

describe('new tokens that come at once', () => {
  it('are verified on other threads, but for the first', async () => {
    const guard = await ready();
    const answers = Array.from({ length: NO_CROWD + 4 }, () =>
      guard.decide(requestWith(fresh()), REQUIREMENT),
    );
    for (const answer of await Promise.all(answers)) expect(answer).toBeInstanceOf(AuthContext);
    expect(verified.where.indexOf('elsewhere')).toBe(NO_CROWD);
    expect(verified.where.lastIndexOf('here')).toBe(NO_CROWD - 1);
  });

  it('are verified on other threads while others are', async () => {
    const guard = await ready();
    crowd();
    const first = guard.decide(requestWith(fresh()), REQUIREMENT);
    await Promise.resolve();
    expect(comesInCrowd()).toBe(false);
    const later = guard.decide(requestWith(fresh()), REQUIREMENT);
    for (const answer of await Promise.all([first, later])) expect(answer).toBeInstanceOf(AuthContext);
    expect(verified.where).toEqual(['elsewhere', 'elsewhere']);
  });

  it(`are verified on this thread where ${MAX_UNDER_WAY} others wait already`, async () => {
    const guard = await ready();
    const requests = Array.from({ length: MAX_UNDER_WAY + 2 }, () => requestWith(fresh()));
    crowd();
    const answers = requests.map((request) => guard.decide(request, REQUIREMENT));
    for (const answer of await Promise.all(answers)) expect(answer).toBeInstanceOf(AuthContext);
    expect(verified.where.flatMap((where, index) => (where === 'here' ? [index] : []))).toEqual([
      MAX_UNDER_WAY,
      MAX_UNDER_WAY + 1,
    ]);
  });

  it('are verified on this thread where each waits for the one before', async () => {
    const guard = await ready();
    for (let index = 0; index < 2 * NO_CROWD; index++) {
      expect(await guard.decide(requestWith(fresh()), REQUIREMENT)).toBeInstanceOf(AuthContext);
    }
    expect(new Set(verified.where)).toEqual(new Set(['here']));
  });

  it('are judged one by one: what is forged is refused, each time it comes', async () => {
    const { validator } = await ready();
    const one = forged();
    const tokens = [fresh(), one, fresh(), forged(), one];
    const outcomes = ['accepted', 'signature_invalid', 'accepted', 'signature_invalid', 'signature_invalid'];
    for (let time = 1; time <= 3; time++) {
      crowd();
      expect(await Promise.all(tokens.map((token) => outcomeOf(validator, token)))).toEqual(outcomes);
    }
  });

  it('are judged one by one where the global Promise is another library’s', async () => {
    const { validator } = await ready();
    vi.stubGlobal('Promise', class Another<T> extends Promise<T> {});
    crowd();
    const outcomes = [fresh(), forged(), forged()].map((token) => outcomeOf(validator, token));
    expect(await Promise.all(outcomes)).toEqual(['accepted', 'signature_invalid', 'signature_invalid']);
  });

  it('are remembered when they were accepted, and only then', async () => {
    const guard = await ready();
    const [first, good, bad] = [fresh(), fresh(), forged()];
    for (let time = 1; time <= 2; time++) {
      crowd();
      await Promise.all([first, good, bad].map((token) => outcomeOf(guard.validator, token)));
    }
    const remembered = guard.decide(requestWith(good), REQUIREMENT);
    expect(remembered).toBeInstanceOf(AuthContext);
    expect(guard.decide(requestWith(good), REQUIREMENT)).toBe(remembered);
    expect(await outcomeOf(guard.validator, bad)).toBe('signature_invalid');
  });

  it('are tried with every key of their ID', async () => {
    const second = makeKey(KEY.kid);
    const docs = documents(tenantPages());
    docs.pages.set(KEYS, { keys: [KEY.jwk, second.jwk] });
    const { validator } = await ready({}, docs);
    crowd();
    const outcomes = [fresh(), by(second), by(KEY), by(STRANGER)].map((token) => outcomeOf(validator, token));
    expect(await Promise.all(outcomes)).toEqual(['accepted', 'accepted', 'accepted', 'signature_invalid']);
  });

  it('are verified by the algorithm that each names', async () => {
    const { validator } = await ready({ algorithms: ['RS256', 'PS256'] });
    const pss = () => signed(userClaims({ uti: `pss-${++number}` }), {}, { by: 'PS256' });
    const claimed = (alg: string, token: string) => {
      const [header = '', ...rest] = token.split('.');
      const json = JSON.parse(Buffer.from(header, 'base64url').toString());
      return [Buffer.from(JSON.stringify({ ...json, alg })).toString('base64url'), ...rest].join('.');
    };
    await validator.validate(pss());
    await turn();
    const tokens = [fresh(), pss(), fresh(), claimed('RS256', pss()), claimed('PS256', fresh())];
    crowd();
    expect(await Promise.all(tokens.map((token) => outcomeOf(validator, token)))).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'signature_invalid',
      'signature_invalid',
    ]);
  });

  it('are asked about only when their signature holds', async () => {
    const asked: (string | undefined)[] = [];
    const { validator } = await ready({
      isRevoked: (auth) => {
        asked.push(auth.tokenId);
        return auth.tokenId === 'revoked';
      },
    });
    asked.length = 0;
    const tokens = [fresh({ uti: 'first' }), fresh({ uti: 'good' }), forged(), fresh({ uti: 'revoked' })];
    crowd();
    const outcomes = tokens.map((token) => outcomeOf(validator, token));
    expect(await Promise.all(outcomes)).toEqual([
      'accepted',
      'accepted',
      'signature_invalid',
      'token_revoked',
    ]);
    expect(new Set(asked)).toEqual(new Set(['first', 'good', 'revoked']));
    expect(asked).toHaveLength(3);
  });

  it('are judged one by one when they have waited for keys together', async () => {
    const { validator } = guardOf();
    const tokens = Array.from({ length: 2 * NO_CROWD }, (_, index) => (index % 3 === 0 ? forged() : fresh()));
    const outcomes = await Promise.all(tokens.map((token) => outcomeOf(validator, token)));
    expect(outcomes).toEqual(tokens.map((_, index) => (index % 3 === 0 ? 'signature_invalid' : 'accepted')));
  });
});
