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
  readyFeed,
  twoPolls,
  verdict,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

const GRAPH = 'https://graph.microsoft.com/v1.0';
const END = `${GRAPH}/users/delta?$deltatoken=end`;
const SELECT = '/users/delta?$select=id,accountEnabled,signInSessionsValidFromDateTime';
const oid = '11111111-2222-4333-8444-555555555555';
const isDelta = ({ path }: Asked) => path.startsWith('/users/delta');
const deltaPaths = (asked: readonly Asked[]) => asked.filter(isDelta).map(({ path }) => path);
const page = (value: unknown, links: object = { '@odata.deltaLink': END }) => json({ value, ...links });

describe('the delta query', () => {
  it('begins with all users, and goes on with what has changed', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    await twoPolls(feed);
    const [first, second] = deltaPaths(feed.asked);
    expect(first).toBe(SELECT);
    expect(second).toMatch(/^\/users\/delta\?\$deltatoken=/);
  });

  it('follows pages, and goes on where another process has stopped', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const pages: Record<string, () => Response> = {
      [SELECT]: () => page([], { '@odata.nextLink': `${GRAPH}/users/delta?$skiptoken=2` }),
      '/users/delta?$skiptoken=2': () => graphError(503, 'ServiceUnavailable'),
    };
    const first = feedOn(entra, { queue });
    first.intercept = (asked) => pages[asked.path]?.();
    await first.leavers.start();
    await eventually(() => expect(deltaPaths(first.asked)).toContain('/users/delta?$skiptoken=2'));
    await first.leavers.stop();
    const second = feedOn(entra, { queue });
    second.intercept = (asked) =>
      asked.path === '/users/delta?$skiptoken=2'
        ? page([{ id: oid, '@removed': { reason: 'changed' } }])
        : undefined;
    await second.leavers.start();
    await eventually(() =>
      expect(second.revocations.list({ user: oid, tenantId: entra.tenantId })).toHaveLength(1),
    );
    expect(deltaPaths(second.asked)[0]).toBe('/users/delta?$skiptoken=2');
  });

  it.each([
    ['410', () => graphError(410, 'Gone')],
    ['syncStateNotFound', () => graphError(400, 'syncStateNotFound')],
    ['resyncRequired', () => graphError(410, 'resyncRequired')],
  ])('reads all users anew when its link has expired: %s', async (_, answer) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    let refused = false;
    feed.intercept = (asked) => {
      if (refused || !asked.path.includes('deltatoken')) return undefined;
      refused = true;
      entra.disable('ada');
      return answer();
    };
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    expect(deltaPaths(feed.asked)).toContain(SELECT);
    expect(deltaPaths(feed.asked).filter((path) => path === SELECT)).toHaveLength(2);
    expect(feed.entries).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'All users are read anew.' }),
    );
  });

  it('reads all users anew after seven days, as the local Graph wants it', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { pollEvery: '1d' });
    entra.disable('ada');
    entra.advance('8d');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });

  it('does not read all users again and again where Graph refuses even that', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    feed.intercept = (asked) => (isDelta(asked) ? graphError(400, 'Request_BadRequest') : undefined);
    const before = feed.asked.length;
    await eventually(() =>
      expect(feed.leavers.health().lastError).toContain('400 Request_BadRequest to GET /users/delta'),
    );
    await eventually(() => expect(feed.asked.slice(before).length).toBeGreaterThan(1));
    expect(feed.asked.slice(before).length).toBeLessThan(4);
    feed.intercept = undefined;
    entra.disable('ada');
    entra.advance('5m');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });

  it.each<[string, unknown]>([
    ['another host', 'https://graph.microsoft.com.elsewhere.example/v1.0/users/delta?$deltatoken=x'],
    ['another base path', 'https://graph.microsoft.com/beta/users/delta?$deltatoken=x'],
    ['a way out of the base path', 'https://graph.microsoft.com/v1.0/../beta/users/delta?$deltatoken=x'],
    ['another scheme', 'http://graph.microsoft.com/v1.0/users/delta?$deltatoken=x'],
    ['a user in the URL', 'https://graph.microsoft.com@elsewhere.example/v1.0/users/delta?$deltatoken=x'],
    ['a fragment', 'https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x#y'],
    ['something else of Graph', 'https://graph.microsoft.com/v1.0/me/messages?$deltatoken=x'],
    ['nothing', ''],
    ['a number', 7],
  ])('never follows a link to %s', async (_, link) => {
    const entra = await localEntra();
    const feed = feedOn(entra);
    feed.intercept = (asked) => (isDelta(asked) ? page([], { '@odata.nextLink': link }) : undefined);
    await feed.leavers.start();
    await eventually(() =>
      expect(feed.leavers.health().lastError).toMatch(/A link in the answer of Microsoft Graph/),
    );
    expect(new Set(deltaPaths(feed.asked))).toEqual(new Set([SELECT]));
    expect(feed.leavers.health().lastPollAt).toBeUndefined();
  });

  it.each<[string, () => Response]>([
    ['no list', () => page({})],
    ['no link', () => page([], {})],
    ['two links', () => page([], { '@odata.deltaLink': END, '@odata.nextLink': END })],
    ['a user without an id', () => page([{ accountEnabled: true }])],
    ['null in the list', () => page([null])],
    [
      'a time that is none',
      () => page([{ id: oid, accountEnabled: true, signInSessionsValidFromDateTime: 'soon' }]),
    ],
    ['a page that leads to itself', () => page([], { '@odata.nextLink': `${GRAPH}${SELECT}` })],
    ['403', () => graphError(403, 'Authorization_RequestDenied')],
    ['an answer of 5 MB', () => page([{ id: oid, accountEnabled: true, note: 'x'.repeat(5 * 1024 * 1024) }])],
  ])('does not go on after what Graph does not document: %s', async (_, answer) => {
    const entra = await localEntra();
    const feed = feedOn(entra);
    feed.intercept = (asked) => (isDelta(asked) ? answer() : undefined);
    await feed.leavers.start();
    await eventually(() =>
      expect(feed.leavers.health()).toMatchObject({ status: 'degraded', lastError: expect.any(String) }),
    );
    expect(feed.leavers.health().lastPollAt).toBeUndefined();
    feed.intercept = undefined;
    entra.disable('ada');
    entra.advance('1m');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });

  it.each<[string, object, boolean]>([
    [
      'has all, and nothing is new',
      { accountEnabled: true, signInSessionsValidFromDateTime: '2020-01-01T00:00:00Z' },
      false,
    ],
    ['has no time at all', { accountEnabled: true, signInSessionsValidFromDateTime: null }, false],
    ['lacks accountEnabled', { signInSessionsValidFromDateTime: '2020-01-01T00:00:00Z' }, true],
    ['lacks the time', { accountEnabled: true }, true],
    ['has accountEnabled null', { accountEnabled: null, signInSessionsValidFromDateTime: null }, true],
    ['is disabled', { accountEnabled: false }, true],
    ['is removed', { '@removed': { reason: 'deleted' } }, true],
  ])('has a user looked at who %s: %s', async (_, user, looked) => {
    const entra = await localEntra();
    const feed = feedOn(entra);
    const last = '99999999-9999-4999-8999-999999999999';
    feed.intercept = (asked) =>
      isDelta(asked)
        ? page([
            { id: oid.toUpperCase(), ...user },
            { id: last, accountEnabled: false },
          ])
        : undefined;
    await feed.leavers.start();
    await eventually(() =>
      expect(feed.asked.some(({ path }) => path.startsWith(`/users/${last}`))).toBe(true),
    );
    expect(feed.asked.some(({ path }) => path.startsWith(`/users/${oid}?`))).toBe(looked);
  });

  it('keeps nothing from being read anew when the queue can not take what was found', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const feed = await readyFeed(entra, { queue });
    const put = vi
      .spyOn(queue.open(`leavers:${entra.tenantId}`), 'put')
      .mockRejectedValueOnce(new Error('no room'));
    entra.disable('ada');
    await eventually(() => expect(feed.leavers.health().lastError).toBe('The queue is unavailable: no room'));
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    expect(put.mock.calls.length).toBeGreaterThan(1);
  });
});

it('nothing is left to do after two polls without changes', async () => {
  const entra = await localEntra();
  const feed = await readyFeed(entra);
  await twoPolls(feed);
  expect(feed.leavers.health()).toMatchObject({ waiting: 0, unreadable: 0 });
});
