import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADA, NOW, OTHER_TENANT, SPA, TENANT, v2Issuer } from '../../../../test/support/forger.js';
import { memoryRevocations, type Target } from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { type Decree, mustRefuse, type TokenClaims } from './oracle.js';

const because = 'a random record';
const BOB = '99999999-2222-3333-4444-dddddddddddd';
const OTHER_APP = '88888888-2222-3333-4444-dddddddddddd';
const LONGEST = 3600;
const full = process.env.ENTRA_GUARD_FULL === '1';
const numRuns = full ? 3000 : 300;

/** Few values, so that records and tokens meet. Upper and lower case are one GUID and two sessions. */
const tenants = fc.constantFrom(TENANT, OTHER_TENANT);
const people = fc.constantFrom(ADA, BOB);
const apps = fc.constantFrom(SPA, OTHER_APP);
const texts = fc.constantFrom('S', 's', 'T');
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyCase = (ids: fc.Arbitrary<string>) =>
  fc.tuple(ids, fc.boolean()).map(([id, upper]) => (upper ? id.toUpperCase() : id));

/** On the boundaries of seconds, a millisecond around them, or anywhere within. */
const fractions = fc.oneof(fc.constantFrom(0, 1, 999), fc.integer({ min: 0, max: 999 }));

/** A token, and how Entra has dated it. `issued` is the real time, in milliseconds after NOW. */
const tokens = fc
  .record({
    issued: fc.tuple(
      fc.oneof(
        // Around the end of what a cutoff of NOW refuses: 5 minutes, by back-dating or by margin.
        fc.integer({ min: 297, max: 303 }),
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: -LONGEST, max: 900 }),
      ),
      fractions,
    ),
    backDating: fc.constantFrom(0, 300),
    life: fc.oneof(fc.constant(LONGEST + 300), fc.integer({ min: 60, max: LONGEST + 300 })),
    says: fc.constantFrom('both', 'iat', 'nbf', 'neither'),
    app: fc.boolean(),
    tid: tenants,
    oid: people,
    azp: apps,
    uti: texts,
    sid: maybe(texts),
    blueprint: maybe(apps),
  })
  .map(({ issued: [second, millisecond], backDating, life, says, app, tid, blueprint, ...rest }) => {
    const issued = NOW + 1000 * second + millisecond;
    const time = Math.floor(issued / 1000) - backDating;
    const claims: TokenClaims = {
      ...rest,
      tid,
      iss: backDating === 300 ? v2Issuer(tid) : `https://contoso.b2clogin.com/${tid}/v2.0/`,
      iat: says === 'both' || says === 'iat' ? time : undefined,
      nbf: says === 'both' || says === 'nbf' ? time : undefined,
      exp: time + life,
      xms_par_app_azp: blueprint,
    };
    return { claims, issued, app, backDating };
  });

const targets: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ user: anyCase(people), tenantId: anyCase(tenants) }),
  fc.record({ servicePrincipal: anyCase(people), tenantId: tenants }),
  fc.record({ client: anyCase(apps), tenantId: tenants }, { requiredKeys: ['client'] }),
  fc.record({ agentBlueprint: anyCase(apps), tenantId: tenants }, { requiredKeys: ['agentBlueprint'] }),
  fc.record({ session: texts, tenantId: tenants }),
  // As an operator copies it: no token of this test expires later.
  fc.record(
    { token: texts, expiresAt: fc.constant(NOW + 1000 * (900 + LONGEST + 300)), tenantId: tenants },
    { requiredKeys: ['token', 'expiresAt'] },
  ),
  fc.record({ tenant: anyCase(tenants) }),
  fc.constant('everyone' as const),
);

/** What operators set, by their clocks: up to 5 minutes off Entra's, in either direction. */
const sets: fc.Arbitrary<Decree> = fc
  .record({
    target: targets,
    ban: fc.boolean(),
    clock: fc.tuple(
      fc.oneof(fc.constantFrom(-300, -1, 0, 1), fc.integer({ min: -300, max: 299 })),
      fractions,
    ),
    until: maybe(fc.integer({ min: 1, max: 2 * LONGEST })),
    lifted: maybe(fc.integer({ min: 1, max: 2 * LONGEST })),
  })
  .map(({ target, ban, clock: [seconds, milliseconds], until, lifted }) => {
    const exact = target !== 'everyone' && ('session' in target || 'token' in target);
    const cutoff = target === 'everyone' || (!ban && !exact);
    return {
      target,
      ...(cutoff ? { issuedBefore: NOW + 1000 * seconds + milliseconds } : {}),
      // What names the tokens that it concerns may not end before them.
      ...(until === undefined || cutoff || 'token' in target ? {} : { until: NOW + 1000 * until }),
      ...(lifted === undefined ? {} : { liftedAt: NOW + 1000 * lifted }),
    };
  });

/** A store of a process, and its clock. Sets, lifts and forgets as time goes by. */
async function playing(records: readonly Decree[]) {
  const clock = { now: NOW };
  const revocations = memoryRevocations({ now: () => clock.now, longestToken: LONGEST });
  const ids: string[] = [];
  for (const [index, { target, issuedBefore, until }] of records.entries()) {
    const ends = until === undefined ? {} : { until };
    const cutoff = issuedBefore === undefined ? {} : { issuedBefore };
    const options = { because, source: String(index), ...ends, ...cutoff };
    ids.push((await revocations.revoke(target, options)).id);
  }
  const lifted = new Set<number>();
  const advance = async (time: number) => {
    clock.now = time;
    for (const [index, { liftedAt }] of records.entries()) {
      if (liftedAt === undefined || liftedAt > time || lifted.has(index)) continue;
      lifted.add(index);
      const id = ids[index] as string;
      // What has ended needs no lifting.
      if (revocations.list().some((record) => record.id === id)) await revocations.lift(id, { because });
    }
    // A record of somewhere else, which makes the store forget what has ended.
    await revocations.revoke({ tenant: BOB }, { because, source: `at-${time}` });
  };
  return { revocations, advance };
}

const callerOf = ({ claims, app }: { readonly claims: TokenClaims; readonly app: boolean }) =>
  app ? daemon({ ...claims, sub: claims.oid }) : user({ ...claims });

describe('any records, tokens, clocks and ways to date tokens', () => {
  it('refuse exactly the callers that the rule refuses, until no API may accept the token any more', async () => {
    const seen = { refused: 0, accepted: 0 };
    const property = fc.asyncProperty(
      fc.array(sets, { minLength: 1, maxLength: 6 }),
      fc.array(tokens, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 2 * LONGEST + 1500 }), { maxLength: 4 }),
      async (records, issued, moments) => {
        const { revocations, advance } = await playing(records);
        // The last millisecond in which an API accepts each token, with the largest clock tolerance.
        // Validators refuse one without times, which could live for ever.
        const ends = issued.map(({ claims: { iat, nbf, exp } }) =>
          (iat ?? nbf) === undefined ? NOW : (exp + 300) * 1000 - 1,
        );
        const changes = records.flatMap(({ liftedAt, until }) => [liftedAt ?? NOW, until ?? NOW]);
        const times = [NOW, ...moments.map((second) => NOW + second * 1000), ...ends, ...changes];
        for (const time of [...new Set(times)].sort((one, other) => one - other)) {
          if (time < NOW) continue;
          await advance(time);
          for (const [index, token] of issued.entries()) {
            if (time > (ends[index] as number)) continue;
            const margin = token.backDating === 300 ? 0 : 300;
            const expected = mustRefuse(records, token.claims, margin, time);
            seen[expected ? 'refused' : 'accepted']++;
            const found = revocations.find(callerOf(token));
            expect(found !== undefined).toBe(expected);
          }
        }
      },
    );
    await fc.assert(property, { numRuns });
    // Neither by always refusing nor by never.
    expect(Math.min(seen.refused, seen.accepted)).toBeGreaterThan(numRuns / 3);
  });

  it('let in no token that was minted from credentials of before, however late Entra is and wrong the clock', async () => {
    const property = fc.asyncProperty(
      tokens,
      // By how much the operator's clock is off, and for how long Entra still redeems old refresh tokens: 5 minutes together.
      fc.integer({ min: -300, max: 299 }),
      fc.integer({ min: 0, max: 300 }),
      fractions,
      fc.boolean(),
      async ({ claims, app, issued, backDating }, clock, delay, fraction, everyone) => {
        const revoked = NOW + fraction;
        const entraIsDone = revoked + 1000 * Math.min(delay, 300 + Math.min(0, clock));
        fc.pre(issued <= entraIsDone && (claims.iat ?? claims.nbf) !== undefined);
        const issuedBefore = Math.min(revoked + 1000 * clock, NOW + 300_000);
        const target: Target = everyone ? 'everyone' : { user: claims.oid, tenantId: claims.tid };
        const { revocations, advance } = await playing([{ target, issuedBefore }]);
        for (const time of [NOW, (claims.exp + 300) * 1000 - 1]) {
          if (time < NOW) continue;
          await advance(time);
          expect([backDating, revocations.find(callerOf({ claims, app })) !== undefined]).toEqual([
            backDating,
            true,
          ]);
        }
      },
    );
    await fc.assert(property, { numRuns });
  });

  it('keep a cutoff for as long as an API may accept the last token that it refuses, and not for a day more', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: -600_000, max: 300_000 }),
      fc.constantFrom(0, 300),
      fc.constantFrom(60, LONGEST, 28 * 3600),
      async (before, backDating, longestToken) => {
        const clock = { now: NOW };
        const revocations = memoryRevocations({ now: () => clock.now, longestToken });
        const issuedBefore = NOW + before;
        await revocations.revoke('everyone', { because, issuedBefore });
        const iss = backDating === 300 ? v2Issuer(TENANT) : `https://contoso.b2clogin.com/${TENANT}/v2.0/`;
        // The last second that is refused, the longest life, back-dating included, and the largest tolerance.
        const iat = Math.ceil(issuedBefore / 1000) + (300 - backDating);
        const exp = iat + longestToken + 300;
        clock.now = (exp + 300) * 1000 - 1;
        const refused = (time: number) =>
          revocations.find(user({ iss, iat: time, nbf: time, exp })) !== undefined;
        expect([refused(iat), refused(iat + 1)]).toEqual([true, false]);
        clock.now += 86_400_000;
        expect(revocations.list()).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns });
  });
});
