import { afterEach, describe, expect, it, vi } from 'vitest';
import { ADA, NOW, OTHER_TENANT, SPA, TENANT } from '../../../../test/support/forger.js';
import {
  memoryRevocations,
  onEvent,
  type RevocationChange,
  type RevocationEvent,
  type RevokeOptions,
  type Target,
} from '../../src/index.js';
import { user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const because = 'left the company, HR-1234';
const ada = { user: ADA, tenantId: TENANT } as const;
const HOUR = 3600_000;

function store(options: object = {}) {
  const clock = { now: NOW };
  return { clock, revocations: memoryRevocations({ now: () => clock.now, ...options }) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what can be revoked', () => {
  it.each<[string, unknown, object, string]>([
    ['no reason', ada, {}, 'revoke(...): because is undefined. Say why'],
    ['a blank reason', ada, { because: ' \n' }, 'because is blank, or not well-formed text'],
    ['a reason that is not text', ada, { because: 7 }, 'because is 7'],
    ['half a character', ada, { because: 'x\ud800' }, 'not well-formed'],
    ['a long reason', ada, { because: 'x'.repeat(501) }, 'because has 501 characters'],
    ['a source with a space', ada, { because, source: 'a b' }, 'source is a b. Name what revokes'],
    ['an empty source', ada, { because, source: '' }, 'source is an empty string'],
    ['an unknown option', ada, { because, before: NOW }, "There is no option of revoke(...) called 'before'"],
    ['a ban of everyone', 'everyone', { because }, 'so that no caller could ever get in again'],
    [
      'a cutoff of a session',
      { session: 'x', tenantId: TENANT },
      { because, issuedBefore: NOW },
      'Leave it out',
    ],
    [
      'a cutoff of a token',
      { token: 'x', expiresAt: NOW },
      { because, issuedBefore: NOW },
      'revoke({ token }, …)',
    ],
    [
      'a cutoff in the future',
      ada,
      { because, issuedBefore: NOW + 300_001 },
      'A date more than 5 minutes ahead would refuse sign-ins',
    ],
    ['a cutoff in seconds', ada, { because, issuedBefore: NOW / 1000 }, 'Did you mean'],
    [
      'an end before the last token that is concerned',
      ada,
      { because, issuedBefore: NOW, until: NOW + HOUR },
      'Leave until out: the record then ends when no such token is valid any more.',
    ],
    ['an end in the past', ada, { because, until: NOW - 1 }, 'until is'],
    ['an end now', ada, { because, until: NOW }, 'the record would end at'],
    ['a token that has expired', { token: 'x', expiresAt: NOW - 300_000 }, { because }, 'is refused anyway'],
    ['no options', ada, undefined as unknown as object, 'undefined instead of options'],
    ['a target that is not one', 'unheard-of', { because }, 'The target is unheard-of'],
  ])('not with %s: a clear error, and nothing has changed', async (_, target, options, sentence) => {
    const { revocations } = store();
    const { version } = revocations;
    const error = await refusalOf(revocations.revoke(target as Target, options as RevokeOptions));
    expect(error).toMatchObject({ code: 'configuration_invalid' });
    expect(error.message).toContain(sentence);
    expect(revocations.list()).toEqual([]);
    expect(revocations.version).toBe(version);
  });

  it.each<[string, Target, RevokeOptions, number]>([
    ['a ban never', ada, { because }, Number.POSITIVE_INFINITY],
    ['a ban when it says', ada, { because, until: NOW + 1 }, NOW + 1],
    [
      'a ban never, if it says so',
      ada,
      { because, until: Number.POSITIVE_INFINITY },
      Number.POSITIVE_INFINITY,
    ],
    ['a session after 90 days', { session: 'x', tenantId: TENANT }, { because }, NOW + 90 * 24 * HOUR],
    ['a session when it says', { session: 'x', tenantId: TENANT }, { because, until: NOW + 5 }, NOW + 5],
    ['a token 5 minutes after it expires', { token: 'x', expiresAt: NOW + 7 }, { because }, NOW + 300_007],
    [
      'a cutoff after the longest token, with back-dating, tolerance and the largest margin',
      ada,
      { because, issuedBefore: NOW - 500 },
      NOW + 28 * HOUR + 900_000,
    ],
  ])('ends: %s', async (_, target, options, until) => {
    const { revocations } = store();
    expect(await revocations.revoke(target, options)).toMatchObject({ until, at: NOW, reach: 'process' });
  });

  it('a cutoff ends earlier where tokens are shorter, and the margin is known', async () => {
    const { revocations } = store({ longestToken: '2h', margin: 0 });
    const record = await revocations.revoke(ada, { because, issuedBefore: new Date(NOW) });
    expect(record.until).toBe(NOW + 2 * HOUR + 600_000);
    const longer = { because, issuedBefore: NOW, until: record.until + 1, source: 'other' };
    expect(await revocations.revoke(ada, longer)).toMatchObject({ until: record.until + 1 });
  });

  it('the same is revoked once, and never for a shorter time', async () => {
    const { revocations } = store();
    const first = await revocations.revoke(ada, { because, until: NOW + HOUR, source: 'feed' });
    expect(await revocations.revoke(ada, { because: 'again', until: NOW + 5, source: 'feed' })).toBe(first);
    const renewed = await revocations.revoke(ada, { because, until: NOW + 2 * HOUR, source: 'feed' });
    expect(renewed).toEqual({ ...first, until: NOW + 2 * HOUR });
    // Another source, and another time, are other records: who has set one lifts only that.
    await revocations.revoke(ada, { because });
    await revocations.revoke(ada, { because, issuedBefore: NOW, source: 'feed' });
    expect(revocations.list()).toHaveLength(3);
  });
});

describe('a record', () => {
  it('is lifted by its ID, with a reason; a second time changes nothing', async () => {
    const { revocations } = store();
    const record = await revocations.revoke(ada, { because });
    const { version } = revocations;
    await revocations.lift(record.id, { because: 'came back' });
    expect(revocations.find(user())).toBeUndefined();
    expect(revocations.version).not.toBe(version);
    const after = revocations.version;
    await revocations.lift(record.id, { because: 'came back' });
    expect(revocations.version).toBe(after);
    const again = await revocations.revoke(ada, { because });
    expect(again.id).not.toBe(record.id);
    expect(revocations.find(user())).toBe(again);
  });

  it.each([[undefined], [{}], [{ because: '' }]])('is not lifted without one: %o', async (options) => {
    const { revocations } = store();
    const { id } = await revocations.revoke(ada, { because });
    await refusalOf(revocations.lift(id, options as { because: string }));
    expect(revocations.list()).toHaveLength(1);
  });

  it('that is unknown can not be lifted', async () => {
    const { revocations } = store();
    const error = await refusalOf(revocations.lift('x\n', { because }));
    expect(error.message).toContain('There is no revocation with the ID x\\u000a. List them');
  });

  it('counts until its last millisecond, and is removed when another comes', async () => {
    const { revocations, clock } = store();
    await revocations.revoke(ada, { because, until: NOW + HOUR });
    await revocations.revoke({ client: SPA }, { because, until: NOW + 3 * HOUR });
    clock.now = NOW + HOUR - 1;
    expect(revocations.find(user({ azp: TENANT }))).toBeDefined();
    clock.now++;
    expect(revocations.find(user({ azp: TENANT }))).toBeUndefined();
    expect(revocations.list()).toHaveLength(1);
    clock.now += 60_000;
    expect(revocations.health()).toMatchObject({ entries: 1 });
  });

  it('holds while the clock gives no time', async () => {
    const { revocations, clock } = store();
    await revocations.revoke(ada, { because, until: NOW + HOUR });
    clock.now = Number.NaN;
    expect(revocations.find(user())).toBeDefined();
    expect(revocations.health()).toMatchObject({ entries: 1 });
  });

  it('is listed with others, the newest first, or with those of its target', async () => {
    const { revocations, clock } = store();
    const first = await revocations.revoke(ada, { because });
    clock.now++;
    const second = await revocations.revoke({ tenant: OTHER_TENANT }, { because });
    expect(revocations.list()).toEqual([second, first]);
    expect(revocations.list({ user: ADA.toUpperCase(), tenantId: TENANT })).toEqual([first]);
    expect(configurationSentence(() => revocations.list({} as Target))).toContain('The target is');
  });
});

describe('a full store', () => {
  it('revokes nothing more, and all that it has', async () => {
    const { revocations, clock } = store({ maxEntries: 5 });
    expect(revocations.health()).toMatchObject({
      part: 'revocations',
      status: 'up',
      shared: false,
      entries: 0,
    });
    for (const source of ['a', 'b', 'c', 'd', 'e']) {
      await revocations.revoke(ada, { because, source, until: NOW + HOUR });
      expect(revocations.health().status).toBe(source < 'd' ? 'up' : 'degraded');
    }
    expect(revocations.health().message).toBe(
      '5 of at most 5 revocations are in use; further ones will be refused.',
    );
    const error = await refusalOf(revocations.revoke({ client: SPA }, { because }));
    expect(error).toMatchObject({
      status: 503,
      code: 'revocations_full',
      part: 'revocations',
      retryAfter: 60,
    });
    expect(revocations.find(user())).toBeDefined();
    expect(await revocations.revoke(ada, { because, source: 'a' })).toMatchObject({ source: 'a' });
    clock.now += 2 * HOUR;
    expect(await revocations.revoke({ client: SPA }, { because })).toMatchObject({ target: { client: SPA } });
  });
});

describe('changes', () => {
  it('are told to listeners, until they stop or the store is closed', async () => {
    const { revocations } = store();
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const heard: RevocationChange[] = [];
    revocations.onChange(() => {
      throw new Error('broken');
    });
    const stop = revocations.onChange((change) => heard.push(change));
    const record = await revocations.revoke(ada, { because });
    await revocations.lift(record.id, { because });
    expect(heard).toEqual([
      { change: 'revoked', record },
      { change: 'lifted', record },
    ]);
    expect(String(warn.mock.calls[0]?.[0])).toContain('A listener of revocations threw, and was ignored');
    stop();
    await revocations.revoke(ada, { because });
    await revocations.ready();
    await revocations.close();
    await revocations.close();
    expect(heard).toHaveLength(2);
    // What was revoked stays refused.
    expect(revocations.find(user())).toBeDefined();
    expect(configurationSentence(() => revocations.onChange('x' as never))).toContain(
      'onChange(...) was given x.',
    );
  });

  it('are audit events, with who asks nothing of whom but why', async () => {
    const { revocations } = store();
    const events: RevocationEvent[] = [];
    const stop = onEvent((event) => events.push(event), { types: ['revocation'] });
    const record = await revocations.revoke(ada, { because, source: 'feed' });
    await revocations.lift(record.id, { because: 'came back' });
    stop();
    await revocations.revoke({ client: SPA }, { because });
    expect(events).toEqual([
      { v: 1, type: 'revocation', time: NOW, change: 'revoked', id: record.id, record },
      {
        v: 1,
        type: 'revocation',
        time: NOW,
        change: 'lifted',
        id: record.id,
        because: 'came back',
        record,
      },
    ]);
  });
});

describe('options', () => {
  it.each<[object, string]>([
    [{ longestToken: 0 }, 'memoryRevocations(...): longestToken is 0, which is too short.'],
    [{ longestToken: '31d' }, 'which is too long'],
    [{ margin: -1 }, 'memoryRevocations(...): margin is -1, which is not a duration.'],
    [{ margin: '2h' }, "At most '1h' is allowed"],
    [{ maxEntries: 0 }, 'memoryRevocations(...): maxEntries is 0.'],
    [{ maxEntries: 1.5 }, 'Pass a whole number of records'],
    [{ now: 7 }, 'now is 7'],
    [{ oneProcess: 'yes' }, 'oneProcess is yes'],
    [{ longestTokens: 7 }, "Did you mean 'longestToken'?"],
  ])('%o are refused', (options, sentence) => {
    expect(configurationSentence(() => memoryRevocations(options as object))).toContain(sentence);
  });

  it('have defaults', async () => {
    const revocations = memoryRevocations();
    expect(revocations).toMatchObject({ longestToken: 100_800, shared: false, oneProcess: false });
    const before = Date.now();
    const { at } = await revocations.revoke(ada, { because });
    expect(at).toBeGreaterThanOrEqual(before);
    expect(memoryRevocations({ oneProcess: true }).oneProcess).toBe(true);
  });
});
