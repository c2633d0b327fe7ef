import type { LogEntry } from '@entra-guard/core';
import { type RedisQueue, redisQueue, redisRevocations } from '@entra-guard/redis';
import type { InProcessEntra } from '@entra-guard/testing';
import { describe, expect, it, vi } from 'vitest';
import { clientNames, connect, type TestClient } from '../../redis/test/support/clients.js';
import { RedisServer, whyNot } from '../../redis/test/support/redis-server.js';
import type { GraphLeaverOptions } from '../src/index.js';
import {
  closeAfterEach,
  closeLater,
  eventually,
  feedOn,
  HERE,
  localEntra,
  notification,
  posted,
  SECRET,
  type TestFeed,
  verdict,
} from './support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 60_000 });
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

/** A process: a client, revocations, a queue and a feed of its own. */
interface Process extends TestFeed {
  readonly client: TestClient;
  readonly queue: RedisQueue;
}

async function startedServer(): Promise<RedisServer> {
  const server = await RedisServer.start();
  closeLater(() => server.close());
  server.cli('set', '{entra-guard}:epoch', 'first');
  return server;
}

async function processOn(
  entra: InProcessEntra,
  server: RedisServer,
  name: string,
  options: Partial<GraphLeaverOptions> & { readonly clock?: () => number } = {},
): Promise<Process> {
  const { clock, ...own } = options;
  const client = await connect(name, server.port);
  const revocations = redisRevocations(client.client, {
    whenStale: 'refuse',
    margin: 0,
    now: entra.now,
    log: false,
  });
  await revocations.ready();
  const queue = redisQueue(client.client, { now: clock ?? entra.now });
  closeLater(async () => {
    await revocations.close();
    client.close();
  });
  const feed = feedOn(entra, { revocations, queue, clientState: SECRET, ...own });
  await feed.leavers.start();
  return Object.assign(feed, { client, queue });
}

const isReady = (feed: TestFeed, leads: boolean) =>
  eventually(() => expect(feed.leavers.health()).toMatchObject({ status: 'up', leads, shared: true }));
const polls = ({ asked }: TestFeed) => asked.filter(({ path }) => path.startsWith('/users/delta')).length;

describe.skipIf(whyNot !== undefined).each(clientNames)(`two processes, over %s${skipped}`, (name) => {
  it('one asks Graph for changes, and both refuse', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    const a = await processOn(entra, server, name);
    await isReady(a, true);
    const b = await processOn(entra, server, name);
    await isReady(b, false);
    const enable = entra.disable('ada');
    await eventually(() =>
      expect([verdict(a, entra, 'ada'), verdict(b, entra, 'ada')]).toEqual(['refused', 'refused']),
    );
    enable();
    await eventually(() =>
      expect([verdict(a, entra, 'ada'), verdict(b, entra, 'ada')]).toEqual(['accepted', 'accepted']),
    );
    expect(polls(b)).toBe(0);
    expect(b.leavers.health().lastPollAt).toBeGreaterThan(0);
  });

  it('a notification that the follower receives refuses in both', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    const a = await processOn(entra, server, name, { pollEvery: '1d' });
    await isReady(a, true);
    const b = await processOn(entra, server, name, { pollEvery: '1d' });
    await isReady(b, false);
    entra.disable('ada');
    expect((await b.leavers.handle(posted({ value: [notification(entra, 'ada')] }))).status).toBe(202);
    await eventually(() =>
      expect([verdict(a, entra, 'ada'), verdict(b, entra, 'ada')]).toEqual(['refused', 'refused']),
    );
    expect(polls(b)).toBe(0);
  });

  it('a process that runs no feed may receive notifications', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    const a = await processOn(entra, server, name, { pollEvery: '1d' });
    await isReady(a, true);
    const b = await processOn(entra, server, name, { pollEvery: '1d' });
    await b.leavers.stop();
    entra.disable('ada');
    expect((await b.leavers.handle(posted({ value: [notification(entra, 'ada')] }))).status).toBe(202);
    await eventually(() => expect(verdict(a, entra, 'ada')).toBe('refused'));
  });

  it('a notification that a process took and did not work on is worked on by another', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    const a = await processOn(entra, server, name, { pollEvery: '1d' });
    await isReady(a, true);
    // The job is in Redis, so it is there when a process dies.
    await a.leavers.stop();
    entra.disable('ada');
    const jobs = a.queue.open(`leavers:${entra.tenantId}`);
    await jobs.put([{ key: entra.objectIdOf('ada'), text: '' }], { urgent: true });
    expect(await jobs.take(1000)).toMatchObject({ key: entra.objectIdOf('ada') });
    const b = await processOn(entra, server, name, { pollEvery: '1d' });
    entra.advance('2s');
    await eventually(() => expect(verdict(b, entra, 'ada')).toBe('refused'));
  });

  it('when the leader stops, the other takes over where it was, with the subscription', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    entra.receiveNotifications((request) => a.leavers.handle(request));
    const addresses = { notificationUrl: HERE };
    const a: Process = await processOn(entra, server, name, addresses);
    await isReady(a, true);
    const b = await processOn(entra, server, name, addresses);
    await isReady(b, false);
    await a.leavers.stop();
    await isReady(b, true);
    expect(b.asked.filter(({ path }) => path.startsWith('/subscriptions'))).toEqual([]);
    await eventually(() => expect(polls(b)).toBeGreaterThan(0));
    expect(b.asked.find(({ path }) => path.startsWith('/users/delta'))?.path).toContain('deltatoken');
    entra.disable('ada');
    await eventually(() => expect(verdict(b, entra, 'ada')).toBe('refused'));
  });

  it('when the leader dies, the other takes over after its lease, and the dead one writes nothing', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    let ahead = 0;
    const clock = () => entra.now() + ahead;
    const a = await processOn(entra, server, name, { clock });
    await isReady(a, true);
    const b = await processOn(entra, server, name, { clock });
    await isReady(b, false);
    // It hangs in a request, as a process does that is suspended.
    let resume = () => {};
    a.intercept = ({ path }) =>
      path.startsWith('/users/delta')
        ? new Promise((resolve) => {
            resume = () => resolve(new Response('{}', { status: 503 }));
          })
        : undefined;
    const before = polls(a);
    await eventually(() => expect(polls(a)).toBeGreaterThan(before));
    entra.disable('ada');
    ahead = 16_000;
    await isReady(b, true);
    await eventually(() =>
      expect([verdict(a, entra, 'ada'), verdict(b, entra, 'ada')]).toEqual(['refused', 'refused']),
    );
    resume();
    await eventually(() => expect(a.leavers.health().leads).toBe(false));
    expect(b.leavers.health().leads).toBe(true);
  });

  it('a notification is answered 503 while Redis is down, and health says so', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    const entries: LogEntry[] = [];
    const a = await processOn(entra, server, name, {
      pollEvery: '1d',
      log: (entry) => void entries.push(entry),
    });
    await isReady(a, true);
    await server.stop();
    expect((await a.leavers.handle(posted({ value: [notification(entra, 'ada')] }))).status).toBe(503);
    await eventually(() =>
      expect(a.leavers.health()).toMatchObject({
        status: 'degraded',
        message: expect.stringContaining('queue'),
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'The queue is unavailable.' }),
    );
    await server.start();
    server.cli('set', '{entra-guard}:epoch', 'second');
    // All that Redis has lost is read anew.
    entra.disable('bob');
    await eventually(() => expect(verdict(a, entra, 'bob')).toBe('refused'), 40_000);
    await isReady(a, true);
  });
});

describe.skipIf(whyNot !== undefined)(`what another release has written${skipped}`, () => {
  it.each([
    ['a link', 'text:delta', '{"v":2,"w":"@entra-guard/graph 9.0","next":"https://elsewhere.example"}'],
    ['a link that leads elsewhere', 'text:delta', '{"v":1,"next":"/me/messages?x","whole":true}'],
    ['a damaged link', 'text:delta', '{'],
  ])('is not followed: %s', async (_, key, text) => {
    const entra = await localEntra();
    const server = await startedServer();
    entra.disable('ada');
    server.cli('set', `{entra-guard}:queue:1:leavers:${entra.tenantId}:${key}`, text);
    const a = await processOn(entra, server, 'ioredis 5');
    await eventually(() => expect(verdict(a, entra, 'ada')).toBe('refused'));
    expect(a.asked[0]?.path).toMatch(/^\/users\/delta\?\$select=/);
    const unread = text.includes('"v":1') ? 0 : 1;
    await eventually(() => expect(a.leavers.health().unreadable).toBe(unread));
    expect(a.entries.filter(({ message }) => message.includes("can't be read here"))).toHaveLength(unread);
  });

  it('a job with a later text is worked on, and told', async () => {
    const entra = await localEntra();
    const server = await startedServer();
    const a = await processOn(entra, server, 'redis 6', { pollEvery: '1d' });
    await isReady(a, true);
    entra.disable('ada');
    const jobs = a.queue.open(`leavers:${entra.tenantId}`);
    await jobs.put([
      { key: entra.objectIdOf('ada'), text: '{"v":2,"w":"@entra-guard/graph 9.0"}' },
      { key: 'of-another-kind', text: '' },
    ]);
    await eventually(() => expect(verdict(a, entra, 'ada')).toBe('refused'));
    await eventually(() => expect(a.leavers.health()).toMatchObject({ status: 'degraded', unreadable: 2 }));
    // It is kept for a release that knows it.
    expect(
      server.cli('hget', `{entra-guard}:queue:1:leavers:${entra.tenantId}:tries`, 'of-another-kind'),
    ).toBe('1');
  });
});
