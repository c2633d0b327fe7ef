import { createValidator, KeysUnavailableError, type Validator } from '@entra-guard/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Answer,
  API,
  documents,
  KEY,
  LOGIN,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf } from '../../../../test/support/outcome.js';
import { HOUR, KEYS, METADATA, NEXT, TenantStage } from '../../../../test/support/tenant-stage.js';

let stage: TenantStage;
let validator: Validator;

beforeEach(() => {
  stage = new TenantStage();
  validator = create();
});

function create(keys: Record<string, number> = {}): Validator {
  return createValidator(stage.options({ keys }));
}

const fresh = (...like: Parameters<TenantStage['token']>): string => stage.token(...like);
const outcome = (token = fresh()): ReturnType<typeof outcomeOf> => outcomeOf(validator, token);
const answer = (url: string, make: () => Response): void => {
  stage.docs.pages.set(url, new Answer(make));
};
const asked = (url: string): number => stage.docs.asked.filter((one) => one === url).length;

describe('reading keys', () => {
  it('asks for metadata and keys once, however many callers come at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome()));
    expect(new Set(outcomes)).toEqual(new Set(['accepted']));
    expect(stage.docs.asked).toEqual([METADATA, KEYS]);
  });

  it('ready() loads them ahead, and the first request asks for nothing', async () => {
    await validator.ready();
    stage.docs.asked.length = 0;
    expect(await outcome()).toBe('accepted');
    expect(stage.docs.asked).toEqual([]);
    expect(validator.state()).toMatchObject({ keyIds: [KEY.kid], closed: false });
  });

  it('ready() says that the keys are not there', async () => {
    answer(KEYS, () => new Response('', { status: 503 }));
    await expect(validator.ready()).rejects.toThrow(/status 503/);
  });

  it.each([
    ['a bad form', 'x.y.z'],
    ['another algorithm', signed(userClaims(), {}, { by: 'none' })],
    ['another tenant', signed(userClaims({ iss: `${LOGIN}/bbbbcccc-1111-dddd-2222-eeee3333ffff/v2.0` }))],
    ['another audience', signed(userClaims({ aud: 'https://graph.microsoft.com' }))],
    ['a past expiry', signed(userClaims({ exp: 1, iat: undefined, nbf: undefined }))],
    ['no authorized party', signed(userClaims({ azp: undefined }))],
    ['a bound key', signed(userClaims({ cnf: {} }))],
    ['no scope and no app', signed(userClaims({ scp: undefined }))],
  ])('a token with %s never reaches the network', async (_, token) => {
    expect(await outcome(token)).not.toBe('accepted');
    expect(stage.docs.asked).toEqual([]);
  });
});

describe('ageing', () => {
  it('after the soft age keys are read again in the background, while they go on serving', async () => {
    await outcome();
    stage.docs.asked.length = 0;
    stage.now += HOUR - 1;
    expect(await outcome()).toBe('accepted');
    expect(stage.docs.asked).toEqual([]);
    stage.now += 1;
    answer(METADATA, () => new Response('', { status: 500 }));
    expect(await outcome()).toBe('accepted');
    expect(stage.docs.asked).toEqual([METADATA, KEYS]);
  });

  it('a key that is not published any more goes with the next refresh', async () => {
    await outcome();
    stage.publish(NEXT);
    expect(await outcome()).toBe('accepted');
    stage.now += HOUR;
    await outcome();
    await validator.ready();
    expect(validator.state().keyIds).toEqual([NEXT.kid]);
    expect(await outcome(fresh(NEXT))).toBe('accepted');
    expect(await outcome()).not.toBe('accepted');
  });

  it('the same ID with other key material: the new one counts', async () => {
    await outcome();
    const replaced = { ...NEXT, kid: KEY.kid, jwk: { ...NEXT.jwk, kid: KEY.kid } };
    stage.publish(replaced);
    stage.now += HOUR;
    await outcome();
    await validator.ready();
    expect(await outcome(fresh(replaced))).toBe('accepted');
    expect(await outcome(fresh(KEY))).toBe('signature_invalid');
  });

  it('while the authority is down the last known good keys serve for a day, and no longer', async () => {
    await outcome();
    for (const url of [METADATA, KEYS]) answer(url, () => new Response('', { status: 503 }));
    stage.now += 24 * HOUR - 1;
    expect(await outcome()).toBe('accepted');
    stage.now += 1;
    expect(await outcome()).toBe('keys_unavailable');
  });

  it('hardAge 0 fails closed at the soft age', async () => {
    validator = create({ hardAge: 0 });
    await outcome();
    for (const url of [METADATA, KEYS]) answer(url, () => new Response('', { status: 503 }));
    stage.now += HOUR - 1;
    expect(await outcome()).toBe('accepted');
    stage.now += 1;
    expect(await outcome()).toBe('keys_unavailable');
  });

  it('a refresh without a usable key is a failed one: the old keys stay', async () => {
    await outcome();
    stage.docs.pages.set(KEYS, { keys: [] });
    stage.now += HOUR;
    await outcome();
    await validator.ready();
    expect(await outcome()).toBe('accepted');
    expect(stage.log.some(({ message }) => message.includes('no usable key'))).toBe(true);
  });

  it('the first token after twice the soft age waits for a refresh: a removed key is not accepted once more', async () => {
    await outcome();
    stage.publish(NEXT);
    stage.now += 2 * HOUR - 1;
    expect(await outcome()).toBe('accepted');
    validator = create();
    stage.publish(KEY);
    await outcome();
    stage.publish(NEXT);
    stage.now += 2 * HOUR;
    expect(await outcome()).not.toBe('accepted');
  });

  it('in an outage only the first one waits, and everybody is served from what is there', async () => {
    validator = create({ timeout: 0.02 });
    await outcome();
    answer(METADATA, () => new Promise<Response>(() => {}) as unknown as Response);
    stage.now += 3 * HOUR;
    expect(await outcome()).toBe('accepted');
    stage.docs.asked.length = 0;
    stage.now += 60_000;
    expect(await outcome()).toBe('accepted');
    expect(stage.docs.asked).toContain(METADATA);
    // The attempt that was started then goes on still: all that is known of is the one before.
    expect(validator.state().sources[0]?.retryAt).toBeLessThan(stage.now);
  });

  it('a clock that steps back makes keys stale, not eternal', async () => {
    await outcome();
    stage.docs.asked.length = 0;
    stage.now -= 10 * HOUR;
    expect(await outcome()).toBe('accepted');
    expect(stage.docs.asked).toEqual([METADATA, KEYS]);
  });
});

describe('an unknown key ID', () => {
  it('right after the start a rotation is ridden through', async () => {
    expect(await outcome()).toBe('accepted');
    stage.publish(KEY, NEXT);
    expect(await outcome(fresh(NEXT))).toBe('accepted');
    expect(asked(KEYS)).toBe(2);
  });

  it('a made-up one is refused after one look, and within the cool-down is undecided (503) with the time left', async () => {
    await outcome();
    expect(await outcome(fresh(STRANGER))).toBe('signing_key_not_found');
    stage.now += 10_000;
    const error = await refusalOf(validator, fresh(STRANGER));
    expect(error).toMatchObject({ code: 'keys_unavailable', status: 503, retryAfter: 20 });
    expect(asked(KEYS)).toBe(2);
  });

  it('after the cool-down there is another look, and everybody who waits shares it', async () => {
    await outcome();
    await outcome(fresh(STRANGER));
    stage.now += 30_000;
    stage.publish(KEY, NEXT);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(fresh(NEXT))));
    expect(new Set(outcomes)).toEqual(new Set(['accepted']));
    expect(asked(KEYS)).toBe(3);
  });

  it('ten thousand of them cause two requests a minute at the most, and good callers never wait', async () => {
    await outcome();
    const [header = '', payload = '', signature = ''] = fresh().split('.');
    const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    stage.docs.asked.length = 0;
    for (let index = 0; index < 10_000; index++) {
      stage.now += 6;
      const junk = Buffer.from(JSON.stringify({ ...parsed, kid: `junk-${index}` })).toString('base64url');
      await outcomeOf(validator, `${junk}.${payload}.${signature}`);
      if (index % 100 === 0) expect(await outcome()).toBe('accepted');
    }
    expect(stage.docs.asked.length).toBeLessThanOrEqual(2);
  }, 60_000);

  it('a token much older than the key set is refused in the cool-down too: its key would have been there', async () => {
    await outcome();
    await outcome(fresh(STRANGER));
    stage.now += 1000;
    expect(await outcome(fresh(STRANGER, {}, 700))).toBe('signing_key_not_found');
    expect(await outcome(fresh(STRANGER, {}, 500))).toBe('keys_unavailable');
    const undated = userClaims({ iat: undefined, nbf: undefined, exp: stage.now / 1000 + 600 });
    expect(await outcome(signed(undated, {}, { key: STRANGER }))).toBe('keys_unavailable');
  });

  it('ten minutes are not yet much older, and a key set of this very moment counts', async () => {
    await outcome();
    await outcome(fresh(STRANGER));
    expect(await outcome(fresh(STRANGER, {}, 601))).toBe('signing_key_not_found');
    expect(await outcome(fresh(STRANGER, {}, 600))).toBe('keys_unavailable');
  });

  it('after the clock was set back, the age of the key set says nothing about a token', async () => {
    await outcome();
    answer(KEYS, () => new Response('', { status: 500 }));
    stage.now -= 1_200_000;
    expect(await outcome(fresh(NEXT))).toBe('keys_unavailable');
  });

  it('on a cold start it costs no more than a good token', async () => {
    expect(await outcome(fresh(STRANGER))).toBe('signing_key_not_found');
    expect(stage.docs.asked).toEqual([METADATA, KEYS]);
    expect(await outcome()).toBe('accepted');
    expect(stage.docs.asked).toEqual([METADATA, KEYS]);
  });

  it('is undecided (503) while the keys can not be read again', async () => {
    await outcome();
    answer(KEYS, () => new Response('', { status: 500 }));
    expect(await outcome(fresh(NEXT))).toBe('keys_unavailable');
    expect(await outcome()).toBe('accepted');
  });
});

describe('failures', () => {
  it.each([
    ['status 404', () => new Response('', { status: 404 })],
    ['status 429', () => new Response('', { status: 429 })],
    ['status 500', () => new Response('', { status: 500 })],
    ['status 204', () => new Response(null, { status: 204 })],
    ['a redirect', () => new Response('', { status: 302, headers: { location: 'https://evil.example' } })],
    ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['an empty body', () => new Response('')],
    ['JSON that is a list', () => Response.json([])],
    ['JSON without keys', () => Response.json({})],
    ['keys that are not a list', () => Response.json({ keys: {} })],
    ['10 MB', () => new Response(`{"keys":[],"x":"${'x'.repeat(10_000_000)}"}`)],
    [
      'a network error',
      () => {
        throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
      },
    ],
    [
      'a thrown value that is not an Error',
      () => {
        throw 'oops';
      },
    ],
  ])('%s: 503 with an honest Retry-After, then recovery', async (_, make) => {
    answer(KEYS, make as () => Response);
    const error = await refusalOf(validator, fresh());
    expect(error).toMatchObject({ code: 'keys_unavailable', status: 503 });
    expect(KeysUnavailableError.is(error) && error.retryAfter).toBeGreaterThanOrEqual(1);
    stage.publish(KEY);
    stage.now += 1000;
    expect(await outcome()).toBe('accepted');
  });

  it('asks again only after a pause that grows, and answers at once in between', async () => {
    answer(METADATA, () => new Response('', { status: 500 }));
    const attempts: number[] = [];
    for (let second = 0; second < 120; second++) {
      const before = stage.docs.asked.length;
      expect(await outcome()).toBe('keys_unavailable');
      if (stage.docs.asked.length > before) attempts.push(second);
      stage.now += 1000;
    }
    expect(attempts.length).toBeGreaterThan(4);
    expect(attempts.length).toBeLessThan(12);
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(31);
    expect(gaps.at(-1)).toBeGreaterThan(gaps[0] ?? 0);
  });

  it("the authority's own Retry-After is kept to", async () => {
    answer(METADATA, () => new Response('', { status: 429, headers: { 'retry-after': '120' } }));
    const error = await refusalOf(validator, fresh());
    expect(error).toMatchObject({ retryAfter: 120 });
    stage.docs.asked.length = 0;
    stage.now += 119_000;
    await outcome();
    expect(stage.docs.asked).toEqual([]);
  });

  it.each([
    ['before the headers', new Answer(() => new Promise<Response>(() => {}))],
    [
      'in the middle of the body',
      new Answer(() => new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([123])) }))),
    ],
  ])('an authority that hangs %s is given up after the timeout', async (_, page) => {
    validator = create({ timeout: 0.02 });
    stage.docs.pages.set(KEYS, page);
    const error = await refusalOf(validator, fresh());
    expect(error).toMatchObject({ code: 'keys_unavailable' });
    expect(error.message).toContain('20 ms');
  });

  it('says once what is wrong and once that it is over', async () => {
    answer(METADATA, () => new Response('', { status: 500 }));
    await outcome();
    stage.docs.pages.set(METADATA, tenantPages()[METADATA]);
    stage.now += 2000;
    await outcome();
    expect(stage.log.filter(({ event }) => event === 'keys').map(({ level }) => level)).toEqual([
      'error',
      'info',
    ]);
    expect(stage.log[0]?.message).toContain(METADATA);
    expect(stage.log[0]?.message).toContain('status 500');
  });
});

describe('sharing keys in a process', () => {
  it('validators with the same fetch, clock and limits read them once', async () => {
    const { clock } = stage;
    const make = (): Validator =>
      createValidator({ tenantId: TENANT, clientId: API, fetch: stage.docs.fetch, now: clock, log: false });
    expect(await outcomeOf(make(), fresh())).toBe('accepted');
    expect(await outcomeOf(make(), fresh())).toBe('accepted');
    expect(stage.docs.asked).toEqual([METADATA, KEYS]);
  });

  it('a validator with another fetch never sees them: a local Entra lends its keys to no other validator', async () => {
    const local = documents(tenantPages(TENANT, [STRANGER]));
    const { clock } = stage;
    const real = createValidator({
      tenantId: TENANT,
      clientId: API,
      fetch: stage.docs.fetch,
      now: clock,
      log: false,
    });
    const fake = createValidator({
      tenantId: TENANT,
      clientId: API,
      fetch: local.fetch,
      now: clock,
      log: false,
    });
    expect(await outcomeOf(fake, fresh(STRANGER))).toBe('accepted');
    expect(await outcomeOf(real, fresh(STRANGER))).toBe('signing_key_not_found');
    expect(await outcomeOf(real, fresh())).toBe('accepted');
  });

  it('close() of one leaves the other its keys; the last one ends what is running', async () => {
    const { clock } = stage;
    const make = (): Validator =>
      createValidator({ tenantId: TENANT, clientId: API, fetch: stage.docs.fetch, now: clock, log: false });
    const [first, second] = [make(), make()];
    await first.ready();
    await second.ready();
    first.close();
    first.close();
    stage.docs.asked.length = 0;
    expect(await outcomeOf(second, fresh())).toBe('accepted');
    expect(stage.docs.asked).toEqual([]);
    expect(await outcomeOf(first, fresh())).toBe('keys_unavailable');
    expect(first.state().closed).toBe(true);
  });

  it('close() in the middle of an exchange answers every caller that waits', async () => {
    stage.docs.pages.set(KEYS, new Answer(() => new Promise<Response>(() => {})));
    const waiting = refusalOf(validator, fresh());
    await new Promise((resolve) => setImmediate(resolve));
    validator.close();
    expect(await waiting).toMatchObject({ code: 'keys_unavailable' });
  });
});
