import type { RevocationRecord } from '@entra-guard/core';
import type { InProcessEntra } from '@entra-guard/testing';
import { describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../src/index.js';
import {
  type Asked,
  closeAfterEach,
  eventually,
  feedOn,
  graphError,
  json,
  localEntra,
  notification,
  posted,
  readyFeed,
  SECRET,
  type TestFeed,
  twoPolls,
  verdict,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

const HOUR = 3_600_000;
const told = (feed: TestFeed, entra: InProcessEntra) =>
  feed.leavers.handle(posted({ value: [notification(entra, 'ada')] }));
const isGet = ({ method, path }: Asked) => method === 'GET' && /^\/users\/[0-9a-f-]{36}\?/.test(path);

describe('a user who', () => {
  it('is disabled is refused, and let in again once enabled', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    expect(verdict(feed, entra, 'ada')).toBe('accepted');
    const enable = entra.disable('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    expect(verdict(feed, entra, 'bob')).toBe('accepted');
    const [record] = feed.revocations.list() as [RevocationRecord];
    expect(record).toMatchObject({
      target: { user: entra.objectIdOf('ada'), tenantId: entra.tenantId },
      source: `graph:${entra.tenantId}`,
      because: 'Microsoft Graph: the account is disabled',
    });
    expect(record.issuedBefore).toBeUndefined();
    expect(record.until - record.at).toBeCloseTo((900 + 100_800 + 600) * 1000, -4);
    enable();
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('accepted'));
    expect(feed.revocations.list()).toEqual([]);
  });

  it('is removed is refused, and let in again once restored', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    const restore = entra.remove('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    expect(feed.revocations.list()[0]?.because).toBe('Microsoft Graph: the user was deleted');
    restore();
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('accepted'));
  });

  it('has sessions revoked is refused with tokens from before, and not with later ones', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    const before = entra.now();
    entra.revokeSessions('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada', before)).toBe('refused'));
    expect(feed.revocations.list()).toEqual([
      expect.objectContaining({
        because: 'Microsoft Graph: sign-in sessions were revoked',
        issuedBefore: expect.any(Number),
      }),
    ]);
    expect(verdict(feed, entra, 'ada', before + 5000)).toBe('accepted');
    // An operator may take it back: what was seen before is not news.
    await feed.revocations.lift(String(feed.revocations.list()[0]?.id), { because: 'a mistake' });
    entra.enable('ada');
    await twoPolls(feed);
    expect(feed.revocations.list()).toEqual([]);
    entra.advance('1m');
    entra.revokeSessions('ada');
    await eventually(() => expect(feed.revocations.list()).toHaveLength(1));
  });

  it('was disabled, removed or signed out while nothing ran is found at the start', async () => {
    const entra = await localEntra();
    entra.disable('ada');
    entra.revokeSessions('bob');
    const before = entra.now();
    entra.advance('20m');
    const feed = await readyFeed(entra);
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    await eventually(() => expect(verdict(feed, entra, 'bob', before)).toBe('refused'));
    expect(verdict(feed, entra, 'bob')).toBe('accepted');
    expect(verdict(feed, entra, 'eve', before - 59 * 60_000)).toBe('accepted');
  });

  it('changes in another way is left alone', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    await entra.fetch(`${entra.graph}/users/${entra.objectIdOf('ada')}`, {
      method: 'PATCH',
      headers: {
        ...entra.app('job', { api: 'graph', roles: ['User.ReadWrite.All'] }).headers,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ jobTitle: 'Countess' }),
    });
    await twoPolls(feed);
    expect(feed.revocations.list()).toEqual([]);
  });

  it('stays disabled stays refused: the ban is renewed', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    entra.disable('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    const first = feed.revocations.list()[0]?.until ?? 0;
    entra.advance('15h');
    await eventually(() => expect(feed.revocations.list()[0]?.until).toBeGreaterThan(first + 14 * HOUR));
    entra.advance('20h');
    expect(verdict(feed, entra, 'ada')).toBe('refused');
  });

  it('stays deleted is refused until no token from before can be valid, and looked at meanwhile', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    entra.remove('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    const until = feed.revocations.list()[0]?.until ?? 0;
    for (let hour = 0; hour < 27; hour++) {
      const before = feed.asked.filter(isGet).length;
      entra.advance('61m');
      await eventually(() => expect(feed.asked.filter(isGet).length).toBeGreaterThan(before));
    }
    expect(feed.revocations.list()[0]?.until).toBeLessThan(until + 1000);
    entra.advance('2h');
    await twoPolls(feed);
    expect(feed.revocations.list()).toEqual([]);
  }, 60_000);
});

describe('records of others', () => {
  it.each([
    ['of an operator', undefined],
    ['of the feed of another tenant', 'graph:99999999-9999-4999-8999-999999999999'],
    ['of a workflow', 'api:leavers'],
  ])('%s are never lifted', async (_, source) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    const target = { user: entra.objectIdOf('ada'), tenantId: entra.tenantId };
    const record = await feed.revocations.revoke(target, {
      because: 'HR-1234',
      ...(source === undefined ? {} : { source }),
    });
    const enable = entra.disable('ada');
    await eventually(() => expect(feed.revocations.list(target)).toHaveLength(2));
    enable();
    await eventually(() => expect(feed.revocations.list(target)).toHaveLength(1));
    expect(feed.revocations.list(target)).toEqual([record]);
    expect(verdict(feed, entra, 'ada')).toBe('refused');
  });

  it('a cutoff of the feed is not lifted with its ban', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    const before = entra.now();
    entra.revokeSessions('ada');
    await eventually(() => expect(feed.revocations.list()).toHaveLength(1));
    const enable = entra.disable('ada');
    await eventually(() => expect(feed.revocations.list()).toHaveLength(2));
    enable();
    await eventually(() => expect(feed.revocations.list()).toHaveLength(1));
    expect(verdict(feed, entra, 'ada', before)).toBe('refused');
  });
});

/** What Graph, or something in front of it, may answer when asked for a user. Ada is enabled again in all of them. */
const TROUBLE: readonly [string, () => Response][] = [
  ['403', () => graphError(403, 'Authorization_RequestDenied')],
  ['401', () => graphError(401, 'InvalidAuthenticationToken')],
  ['429', () => graphError(429, 'TooManyRequests', { 'retry-after': '1' })],
  ['500', () => graphError(500, 'UnknownError')],
  ['503 that is HTML', () => new Response('<html>', { status: 503 })],
  ['404 that is HTML', () => new Response('<html>Not found', { status: 404 })],
  ['404 of something else', () => graphError(404, 'UnknownPath')],
  ['200 that is HTML', () => new Response('<html>Sign in')],
  ['200 without a body', () => new Response(null)],
  ['200 with an error', () => graphError(200, 'Strange')],
  [
    'a redirect',
    () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } }),
  ],
  ['no accountEnabled', () => json({ id: '{ada}' })],
  ['accountEnabled as text', () => json({ id: '{ada}', accountEnabled: 'true' })],
  ['accountEnabled null', () => json({ id: '{ada}', accountEnabled: null })],
  ['another user', () => json({ id: '99999999-9999-4999-8999-999999999999', accountEnabled: true })],
  ['no id', () => json({ accountEnabled: true })],
  ['a list', () => json([{ id: '{ada}', accountEnabled: true }])],
];

describe('an error never lifts', () => {
  it.each(TROUBLE)('%s', async (_, answer) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { clientState: SECRET });
    const enable = entra.disable('ada');
    await told(feed, entra);
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    let answered = 0;
    feed.intercept = async (asked) => {
      if (!isGet(asked)) return undefined as never;
      answered++;
      const given = answer();
      const text = await given.text();
      return new Response(text === '' ? null : text.replace('{ada}', entra.objectIdOf('ada')), given);
    };
    enable();
    await told(feed, entra);
    await eventually(() => expect(answered).toBeGreaterThan(0));
    await eventually(() =>
      expect(feed.leavers.health()).toMatchObject({ status: 'degraded', lastError: expect.any(String) }),
    );
    expect(verdict(feed, entra, 'ada')).toBe('refused');
    // The job is kept: once Graph answers again, she is let in.
    feed.intercept = undefined;
    entra.advance('5m');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('accepted'));
    await eventually(() => expect(feed.leavers.health().status).toBe('up'));
  });

  it('a request that fails', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    const enable = entra.disable('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    feed.intercept = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNRESET') }));
    enable();
    await eventually(() =>
      expect(feed.leavers.health().lastError).toBe(
        'Changes of users could not be read: Microsoft Graph could not be asked: fetch failed (ECONNRESET)',
      ),
    );
    expect(verdict(feed, entra, 'ada')).toBe('refused');
  });

  it('and does not keep a user from being refused whom the delta query reports', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    feed.intercept = (asked) => (isGet(asked) ? graphError(403, 'Authorization_RequestDenied') : undefined);
    entra.disable('ada');
    entra.remove('bob');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    await eventually(() => expect(verdict(feed, entra, 'bob')).toBe('refused'));
    expect(feed.entries).toContainEqual({
      level: 'error',
      event: 'feed',
      message: 'A user could not be looked at.',
      cause: expect.stringContaining('needs the permission User.Read.All, with admin consent'),
    });
  });

  it('nor does a queue that fails when the user was looked at', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const feed = await readyFeed(entra, { clientState: SECRET, pollEvery: '1d', queue });
    entra.disable('ada');
    const done = vi
      .spyOn(queue.open(`leavers:${entra.tenantId}`), 'done')
      .mockRejectedValueOnce(new Error('gone'));
    await told(feed, entra);
    await eventually(() => expect(feed.leavers.health().lastError).toBe('The queue is unavailable: gone'));
    expect(verdict(feed, entra, 'ada')).toBe('refused');
    entra.advance('31s');
    await eventually(() => expect(done.mock.calls.length).toBeGreaterThan(1));
    expect(verdict(feed, entra, 'ada')).toBe('refused');
  });

  it('nor does an answer that is older than that of another process', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { clientState: SECRET, pollEvery: '1d' });
    let enable = entra.disable('ada');
    await told(feed, entra);
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    // She is enabled for a moment, and the process that sees it is suspended before it can act.
    enable();
    let resume: (() => void) | undefined;
    feed.intercept = async (asked) => {
      feed.intercept = undefined;
      const answer = await entra.fetch(`${entra.graph}${asked.path}`, asked.init);
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
      return answer;
    };
    await told(feed, entra);
    await eventually(() => expect(resume).toBeDefined());
    enable = entra.disable('ada');
    const before = feed.asked.length;
    entra.advance('31s');
    // Another looks, because the first has not finished in time.
    await eventually(() => expect(feed.asked.length).toBeGreaterThan(before));
    const changes: string[] = [];
    feed.revocations.onChange(({ change }) => void changes.push(change));
    resume?.();
    await eventually(() => expect(changes).toEqual(['lifted', 'revoked']));
    expect(verdict(feed, entra, 'ada')).toBe('refused');
    enable();
  });

  it('waits as long as Graph asks', async () => {
    const entra = await localEntra();
    const feed = feedOn(entra);
    const started = performance.now();
    const restore = entra.fail('graph', 429, { headers: { 'retry-after': '100' } });
    entra.disable('ada');
    await feed.leavers.start();
    await eventually(() => expect(feed.leavers.health().status).toBe('degraded'));
    await eventually(() => expect(feed.asked).toHaveLength(1));
    restore();
    entra.advance('90s');
    // Longer than the feed waits between looks at what other processes have done.
    await eventually(() => expect(performance.now() - started).toBeGreaterThan(5000));
    expect(feed.asked).toHaveLength(1);
    entra.advance('11s');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });
});
