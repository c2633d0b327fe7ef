import { describe, expect, it } from 'vitest';
import { ISSUED, NOW, signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();
const outcome = (claims: unknown): ReturnType<typeof outcomeOf> => outcomeOf(validator, signed(claims));
const seconds = NOW / 1000;

describe('times, with 60 s of tolerance (RFC 7519 section 4.1, SECURITY.md 5)', () => {
  const huge = (name: string): unknown =>
    JSON.stringify(userClaims({ [name]: 0 })).replace(`"${name}":0`, `"${name}":1e400`);
  it.each([
    ['no exp', { exp: undefined }, 'token_malformed'],
    ['exp null', { exp: null }, 'token_malformed'],
    ['exp as text', { exp: String(seconds + 60) }, 'token_malformed'],
    ['exp with a fraction', { exp: seconds + 60.5 }, 'token_malformed'],
    ['exp negative', { exp: -1, iat: undefined, nbf: undefined }, 'token_malformed'],
    ['exp beyond all time', { exp: 9e15 }, 'token_malformed'],
    ['exp at the end of ECMAScript time', { exp: 8.64e12 }, 'accepted'],
    ['exp true', { exp: true }, 'token_malformed'],
    ['exp as a list', { exp: [seconds + 60] }, 'token_malformed'],
    ['exp one second ahead', { exp: seconds + 1 }, 'accepted'],
    ['expired 59 s ago', { exp: seconds - 59, iat: undefined, nbf: undefined }, 'accepted'],
    ['expired exactly 60 s ago', { exp: seconds - 60, iat: undefined, nbf: undefined }, 'token_expired'],
    ['expired an hour ago', { exp: seconds - 3600, iat: undefined, nbf: undefined }, 'token_expired'],
    // A token made by hand that has expired and is odd besides: it has expired.
    ['expired before it was issued', { exp: seconds - 3600 }, 'token_expired'],
    ['expired before it began', { exp: seconds - 3600, iat: undefined }, 'token_expired'],
    ['expired, with iat as text', { exp: seconds - 3600, iat: 'yesterday', nbf: undefined }, 'token_expired'],
    ['expired, with nbf null', { exp: seconds - 3600, iat: undefined, nbf: null }, 'token_expired'],
    ['expired by a fraction', { exp: seconds - 60.5, iat: undefined, nbf: undefined }, 'token_expired'],
    [
      'an odd exp within the tolerance',
      { exp: seconds - 59.5, iat: undefined, nbf: undefined },
      'token_malformed',
    ],
    ['not expired, before it was issued', { exp: seconds + 60, iat: seconds + 61 }, 'token_malformed'],
    ['exp 0', { exp: 0, iat: undefined, nbf: undefined }, 'token_expired'],
    ['nbf and exp in the same second', { nbf: ISSUED + 60, iat: ISSUED + 60, exp: ISSUED + 60 }, 'accepted'],
    ['no nbf', { nbf: undefined }, 'accepted'],
    ['no iat', { iat: undefined }, 'accepted'],
    ['nbf 60 s ahead', { nbf: seconds + 60 }, 'accepted'],
    ['nbf 61 s ahead', { nbf: seconds + 61 }, 'token_not_yet_valid'],
    ['iat 60 s ahead', { iat: seconds + 60 }, 'accepted'],
    ['iat 61 s ahead', { iat: seconds + 61 }, 'token_not_yet_valid'],
    ['nbf as text', { nbf: String(ISSUED) }, 'token_malformed'],
    ['iat as text', { iat: String(ISSUED) }, 'token_malformed'],
    ['nbf null', { nbf: null }, 'token_malformed'],
    ['nbf at exp, which is to come', { nbf: ISSUED + 3900 }, 'token_not_yet_valid'],
    ['nbf behind exp', { nbf: ISSUED + 5000 }, 'token_malformed'],
    ['iat behind exp', { iat: ISSUED + 5000 }, 'token_malformed'],
    ['nbf with a fraction', { nbf: ISSUED + 0.5 }, 'token_malformed'],
  ])('%s', async (_, changes, expected) => {
    expect(await outcome(userClaims(changes))).toBe(expected);
  });

  it.each(['exp', 'iat', 'nbf'])('%s that overflows to infinity is refused', async (name) => {
    expect(await outcome(huge(name))).toBe('token_malformed');
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    ['1790000000000' as unknown as number],
  ])('a clock that gives %s decides nothing (503)', async (broken) => {
    expect(await outcomeOf(singleTenant({ now: () => broken }), signed(userClaims()))).toBe('hook_failed');
  });

  it('the tolerance is an option', async () => {
    const strict = singleTenant({ clockTolerance: 0 });
    const expired = userClaims({ exp: seconds, iat: undefined, nbf: undefined });
    expect(await outcomeOf(strict, signed(expired))).toBe('token_expired');
    const lax = singleTenant({ clockTolerance: 300 });
    expect(
      await outcomeOf(lax, signed(userClaims({ exp: seconds - 299, iat: undefined, nbf: undefined }))),
    ).toBe('accepted');
    expect(
      await outcomeOf(lax, signed(userClaims({ exp: seconds - 300, iat: undefined, nbf: undefined }))),
    ).toBe('token_expired');
  });
});

describe('what a refusal says of times', () => {
  it('names times in ISO 8601', async () => {
    const iso = (time: number): string => new Date(time * 1000).toISOString();
    const expired = { exp: seconds - 1000, iat: undefined, nbf: undefined };
    expect(await refusalOf(validator, signed(userClaims(expired)))).toMatchObject({
      found: `${iso(seconds - 1000)}, 1000 s ago`,
      expected: `a time after ${iso(seconds)}, with 60 s of tolerance`,
    });
    expect(await refusalOf(validator, signed(userClaims({ nbf: seconds + 100 })))).toMatchObject({
      found: `${iso(seconds + 100)}, 100 s from now`,
      expected: `at most ${iso(seconds)}, with 60 s of tolerance`,
    });
  });

  it.each([
    ['an expired token', signed(userClaims({ exp: ISSUED - 100, iat: undefined, nbf: undefined })), 'clock'],
    ['a token from the future', signed(userClaims({ nbf: ISSUED + 900 })), 'NTP'],
  ])('hints at the cause: %s', async (_, token, words) => {
    expect((await refusalOf(validator, token)).hint).toContain(words);
  });

  it('how long ago, and how far ahead, is told in seconds', async () => {
    const past = userClaims({ iat: undefined, nbf: undefined, exp: NOW / 1000 - 90 });
    expect((await refusalOf(validator, signed(past))).message).toContain('90 s ago');
    expect((await refusalOf(validator, signed(userClaims({ nbf: NOW / 1000 + 90 })))).message).toContain(
      '90 s from now',
    );
  });
});
