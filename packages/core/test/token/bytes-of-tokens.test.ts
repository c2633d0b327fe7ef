import { createValidator, explain, type Validator, type ValidatorOptions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  documents,
  ISSUED,
  NOW,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';
import { MAX_TOKEN_LENGTH, tokenBytes } from '../../src/token/signature/token-bytes.js';

function create(now: () => number = () => NOW, cache: ValidatorOptions['cache'] = undefined): Validator {
  const { fetch } = documents(tenantPages());
  const options = { tenantId: TENANT, clientId: API, fetch, now, log: false as const };
  return createValidator(cache === undefined ? options : { ...options, cache });
}

const good = (name = 'good'): string => signed(userClaims({ uti: name }));
const forged = (name = 'forged'): string => {
  const [header, payload] = good(name).split('.');
  return `${header}.${payload}.${good('another').split('.')[2]}`;
};

/** The buffers that all tokens are written to. */
const buffers = tokenBytes.withSignature({ token: 'a.b.YWJj', signedEnd: 3 }, (...views) =>
  views.map((view) => new Uint8Array(view.buffer, view.byteOffset, MAX_TOKEN_LENGTH)),
);
const holdsToken = (): boolean => buffers.some((buffer) => buffer.some((byte) => byte !== 0));

describe('bytes of a token', () => {
  it.each([
    ['accepted', good()],
    ['signature_invalid', forged()],
    ['token_expired', signed(userClaims({ exp: ISSUED - 3000, iat: ISSUED - 7000, nbf: ISSUED - 7000 }))],
    ['audience_not_accepted', signed(userClaims({ aud: 'another' }))],
    ['issuer_not_accepted', signed(userClaims({ iss: 7 }))],
    ['algorithm_not_allowed', signed(userClaims(), {}, { by: 'HS256' })],
    ['algorithm_not_allowed', signed(userClaims(), {}, { by: 'none' })],
    ['token_malformed', `${good()}=`],
    ['token_malformed', signed('[]')],
    ['token_malformed', good().replace('.', '.\u0141')],
    [
      'signing_key_not_found',
      signed(userClaims({ iat: ISSUED - 7200, nbf: ISSUED - 7200 }), {}, { key: STRANGER }),
    ],
  ])('are left nowhere when it is %s', async (code, token) => {
    const validator = create();
    // The first time keys have to be fetched, the second time they are loaded.
    for (let time = 1; time <= 2; time++) {
      const outcome = outcomeOf(validator, token);
      expect(holdsToken()).toBe(false);
      const found = await outcome;
      expect(found).toBe(code);
      expect(holdsToken()).toBe(false);
    }
    validator.close();
  });

  it('are left nowhere when it is explained', async () => {
    const { fetch } = documents(tenantPages());
    const options = { tenantId: TENANT, clientId: API, fetch, now: () => NOW, log: false as const };
    const explained = explain(forged(), options);
    expect(holdsToken()).toBe(false);
    expect((await explained).find(({ check }) => check === 'signature')?.ok).toBe(false);
    expect(holdsToken()).toBe(false);
  });

  it('are its own, whatever else is validated meanwhile', async () => {
    const inside: Promise<string>[] = [];
    let other = '';
    const validator = create(() => {
      const token = other;
      other = '';
      if (token !== '') inside.push(outcomeOf(validator, token));
      return NOW;
    }, false);
    await validator.validate(good());
    const during = (outer: string, inner: string): Promise<string> => {
      other = inner;
      return outcomeOf(validator, outer);
    };
    expect(await during(forged('1'), good('1'))).toBe('signature_invalid');
    expect(await during(good('2'), forged('2'))).toBe('accepted');
    expect(await Promise.all(inside)).toEqual(['accepted', 'signature_invalid']);
    expect(holdsToken()).toBe(false);
    validator.close();
  });
});
