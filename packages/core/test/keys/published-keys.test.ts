import { describe, expect, it } from 'vitest';
import {
  documents,
  KEY,
  LOGIN,
  makeKey,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

describe('which published keys are used at all', () => {
  const small = makeKey('small', 1024);
  it.each([
    ['an RSA key as Entra publishes it', KEY.jwk, 'accepted'],
    ['alg RS256', { ...KEY.jwk, alg: 'RS256' }, 'accepted'],
    ['no use', { ...KEY.jwk, use: undefined }, 'accepted'],
    ['key_ops verify', { ...KEY.jwk, key_ops: ['verify'] }, 'accepted'],
    ['use enc', { ...KEY.jwk, use: 'enc' }, 'keys_unavailable'],
    ['key_ops encrypt', { ...KEY.jwk, key_ops: ['encrypt'] }, 'keys_unavailable'],
    ['alg PS256 for a token of RS256', { ...KEY.jwk, alg: 'PS256' }, 'signing_key_not_found'],
    ['alg RS512', { ...KEY.jwk, alg: 'RS512' }, 'keys_unavailable'],
    ['an elliptic curve', { kty: 'EC', kid: KEY.kid, crv: 'P-256', x: 'x', y: 'y' }, 'keys_unavailable'],
    ['a shared secret', { kty: 'oct', kid: KEY.kid, k: 'AAAA' }, 'keys_unavailable'],
    ['no kid', { ...KEY.jwk, kid: undefined }, 'keys_unavailable'],
    ['no modulus', { ...KEY.jwk, n: undefined }, 'keys_unavailable'],
    ['a modulus that is a number', { ...KEY.jwk, n: 5 }, 'keys_unavailable'],
    ['an exponent of 1, with which every signature holds', { ...KEY.jwk, e: 'AQ' }, 'keys_unavailable'],
    ['an even exponent', { ...KEY.jwk, e: 'AQAA' }, 'keys_unavailable'],
    ['an empty exponent', { ...KEY.jwk, e: '' }, 'keys_unavailable'],
    ['an exponent that would keep the processor busy', { ...KEY.jwk, e: 'A'.repeat(12) }, 'keys_unavailable'],
    ['a modulus that would keep the processor busy', { ...KEY.jwk, n: 'A'.repeat(2732) }, 'keys_unavailable'],
    ['an issuer that is a number', { ...KEY.jwk, issuer: 5 }, 'keys_unavailable'],
    ['null in the place of a key', null, 'keys_unavailable'],
  ])('%s', async (_, jwk, expected) => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe(expected);
  });

  it('1024 bits are too few', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [small.jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims(), {}, { key: small }))).toBe(
      'keys_unavailable',
    );
  });

  it('a bad key among good ones is passed over, and reported', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [small.jwk, { kty: 'EC' }, KEY.jwk] });
    const log: string[] = [];
    const validator = singleTenant({ log: (entry) => log.push(entry.message) }, docs);
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    expect(log.join()).toContain('key 1: 1024 bits');
    expect(log.join()).toContain('key 2: type EC');
  });

  it('more than a thousand keys are refused', async () => {
    const docs = documents(tenantPages());
    const keys = Array.from({ length: 1001 }, (_, index) => ({ ...KEY.jwk, kid: `k${index}` }));
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('keys_unavailable');
  });
});
