import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADA, ISSUED, NOW, OTHER_TENANT, TENANT, v1Issuer } from '../../../../test/support/forger.js';
import { memoryRevocations, type RevocationRecord } from '../../src/index.js';
import { marginFor } from '../../src/revocation/cutoff.js';
import { user } from '../callers.js';

const because = 'lost her laptop';
const ada = { user: ADA, tenantId: TENANT } as const;
const B2C = `https://contoso.b2clogin.com/${TENANT}/v2.0/`;

async function refuses(issuedBefore: number, claims: object, options: object = {}): Promise<boolean> {
  const revocations = memoryRevocations({ now: () => NOW, ...options });
  await revocations.revoke(ada, { because, issuedBefore });
  return revocations.find(user({ ...claims })) !== undefined;
}

describe('a cutoff refuses tokens by when they say that they were issued', () => {
  const at = ISSUED * 1000;
  it.each<[string, number, object, object, boolean]>([
    ['the same second', at, {}, {}, true],
    ['a millisecond after, in the next second', at + 1, {}, {}, true],
    ['a second later', at + 1000, {}, {}, true],
    ['the last millisecond before the token', at - 1, {}, {}, true],
    ['a second before the token', at - 1000, {}, {}, false],
    ['a second before the token, with a margin of as much', at - 1000, {}, { margin: 1 }, true],
    ['two seconds before, with a margin of one', at - 2000, {}, { margin: 1 }, false],
    ['v1 of a workforce tenant has no margin', at - 1000, { iss: v1Issuer(TENANT) }, {}, false],
    ['other issuers have 5 minutes', at - 300_000, { iss: B2C }, {}, true],
    ['and no more', at - 301_000, { iss: B2C }, {}, false],
    ['unless the margin is given', at - 1000, { iss: B2C }, { margin: 0 }, false],
    ['nbf, if there is no iat', at, { iat: undefined }, {}, true],
    ['nbf later than the cutoff', at - 1000, { iat: undefined }, {}, false],
    ['neither: refused by any cutoff', at - 86_400_000, { iat: undefined, nbf: undefined }, {}, true],
    ['of no number: refused by any cutoff', at - 86_400_000, { iat: 'x', nbf: null }, {}, true],
  ])('%s', async (_, issuedBefore, claims, options, refused) => {
    expect(await refuses(issuedBefore, claims, options)).toBe(refused);
  });

  it('any record that matches refuses, whatever others would let pass', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    const everyone = await revocations.revoke('everyone', { because, issuedBefore: at });
    // Newer, of a wider and a narrower target, and each lets the token pass that was issued later.
    await revocations.revoke(ada, { because, issuedBefore: at - 5000 });
    await revocations.revoke({ tenant: TENANT }, { because, issuedBefore: at - 4000 });
    expect(revocations.find(user())).toEqual(everyone);
  });

  it('returns records of one token, then bans, then the newest cutoff', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    const auth = user({ sid: 'S' });
    const records: RevocationRecord[] = [];
    for (const [target, issuedBefore] of [
      [ada, at],
      ['everyone', at + 1000],
      [ada, at + 500],
      [{ tenant: TENANT }, undefined],
      [{ session: 'S', tenantId: TENANT }, undefined],
      ['everyone', at + 200],
    ] as const) {
      const options = issuedBefore === undefined ? { because } : { because, issuedBefore };
      records.push(await revocations.revoke(target, options));
    }
    const order: number[] = [];
    for (let found = revocations.find(auth); found !== undefined; found = revocations.find(auth)) {
      order.push(records.indexOf(found));
      await revocations.lift(found.id, { because });
    }
    expect(order).toEqual([4, 3, 1, 2, 5, 0]);
  });
});

it.each([
  [`https://login.microsoftonline.com/${TENANT}/v2.0`, 0],
  [`https://login.microsoftonline.us/${TENANT}/v2.0`, 0],
  [`https://login.partner.microsoftonline.cn/${TENANT}/v2.0`, 0],
  [`https://sts.windows.net/${TENANT}/`, 0],
  [`https://sts.chinacloudapi.cn/${TENANT}/`, 0],
  [`https://login.microsoftonline.com/${TENANT}/v2.0/`, 300],
  [`https://login.microsoftonline.com/tfp/${TENANT}/b2c_1_signin/v2.0/`, 300],
  [`https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`, 300],
  [`https://login.microsoftonline.com.example/${TENANT}/v2.0`, 300],
  [`http://127.0.0.1:4000/${TENANT}/v2.0`, 300],
])('the margin for %s is %i seconds', (issuer, margin) => {
  expect(marginFor(issuer, undefined)).toBe(margin);
  expect(marginFor(issuer, 7)).toBe(7);
});

describe('whatever the clocks and however Entra dates tokens', () => {
  /**
   * A token is minted from credentials of before the revocation: at most 5 minutes after it by Entra's clock, which is what Entra's
   * delay and the difference of the clocks may add up to.
   */
  it('no token from before a revocation is accepted while it can be valid', async () => {
    const longestToken = 3600;
    const property = fc.asyncProperty(
      fc.constantFrom(0, 300),
      fc.integer({ min: -7200_000, max: 300_000 }),
      fc.integer({ min: 60, max: longestToken }),
      fc.integer({ min: -999, max: 999 }),
      fc.boolean(),
      async (backDating, minted, life, fraction, shorterMargin) => {
        let now = NOW;
        const revokedAt = NOW + fraction;
        const issuer = backDating === 300 ? undefined : B2C;
        const revocations = memoryRevocations({
          now: () => now,
          longestToken,
          ...(shorterMargin ? { margin: backDating === 300 ? 0 : 300 } : {}),
        });
        await revocations.revoke(ada, { because, issuedBefore: revokedAt });
        const issued = Math.floor((revokedAt + minted) / 1000);
        const iat = issued - backDating;
        const exp = issued + life;
        const auth = user({ iat, nbf: iat, exp, ...(issuer ? { iss: issuer } : {}) });
        // At each time up to the last millisecond in which any API may accept it, with the largest clock tolerance.
        for (const time of [NOW, (iat + exp) * 500, exp * 1000, (exp + 300) * 1000 - 1]) {
          now = Math.max(now, time);
          // What makes a store forget what has ended.
          await revocations.revoke({ tenant: OTHER_TENANT }, { because, source: String(time) });
          expect(revocations.find(auth)).toBeDefined();
        }
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it('a sign-in that is 5 minutes and 2 seconds later gets in', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(0, 300),
      fc.integer({ min: 302_000, max: 86_400_000 }),
      async (backDating, minted) => {
        const revocations = memoryRevocations({ now: () => NOW });
        await revocations.revoke(ada, { because, issuedBefore: NOW });
        const iat = Math.floor((NOW + minted) / 1000) - backDating;
        const auth = user({ iat, nbf: iat, exp: iat + 3900, ...(backDating ? {} : { iss: B2C }) });
        expect(revocations.find(auth)).toBeUndefined();
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});
