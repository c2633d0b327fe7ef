import { describe, expect, it } from 'vitest';
import { appClaims, KEY, makeKey, STRANGER, signed, userClaims } from '../../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../../test/support/outcome.js';

const validator = singleTenant();
const good = signed(userClaims());
const [header = '', payload = '', signature = ''] = good.split('.');
const b64 = (text: string): string => Buffer.from(text).toString('base64url');

describe('signature', () => {
  const flip = (text: string, index: number): string =>
    text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);

  it.each([
    ['one character of the signature changed', `${header}.${payload}.${flip(signature, 10)}`],
    ['the signature of another token', `${header}.${payload}.${signed(appClaims()).split('.')[2]}`],
    [
      'another payload under the same signature',
      `${header}.${b64(JSON.stringify(userClaims({ scp: 'Orders.Admin' })))}.${signature}`,
    ],
    ['no signature at all', `${header}.${payload}.`],
    ['a signature that is too short', `${header}.${payload}.${b64('short')}`],
    ["a stranger's key under a published kid", signed(userClaims(), { kid: KEY.kid }, { key: STRANGER })],
  ])('refuses %s', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('signature_invalid');
  });

  it.each([
    ['jwk', { jwk: STRANGER.jwk }],
    ['jku', { jku: 'https://evil.example/keys' }],
    ['x5u', { x5u: 'https://evil.example/cert' }],
    ['x5c', { x5c: ['MIIB'] }],
  ])('never uses a key that comes with the token (%s)', async (_, changes) => {
    const forged = signed(userClaims(), { ...changes, kid: KEY.kid }, { key: STRANGER });
    expect(await outcomeOf(validator, forged)).toBe('signature_invalid');
  });

  it('refuses a key that the authority does not publish', async () => {
    const unknown = makeKey('made-up');
    expect(await outcomeOf(singleTenant(), signed(userClaims(), {}, { key: unknown }))).toBe(
      'signing_key_not_found',
    );
  });

  it.each([
    [
      'a Graph nonce in the header',
      `${signed(userClaims(), { nonce: 'x', kid: KEY.kid }).slice(0, -4)}AAAA`,
      'Graph',
    ],
  ])('hints at the cause: %s', async (_, token, words) => {
    expect((await refusalOf(validator, token)).hint).toContain(words);
  });
});
