import type { InProcessEntra } from '@entra-guard/testing';
import { describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../src/index.js';
import {
  closeAfterEach,
  eventually,
  feedOn,
  graphError,
  HERE,
  json,
  LIFECYCLE,
  lifecycle,
  localEntra,
  rarely,
  readyFeed,
  SECRET,
  type TestFeed,
  tokenOf,
  verdict,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

const addresses = { notificationUrl: HERE, lifecycleNotificationUrl: LIFECYCLE, clientState: SECRET };
/** A feed that Graph notifies. */
async function subscribed(entra: InProcessEntra, options: object = {}): Promise<TestFeed> {
  const feed = feedOn(entra, { ...addresses, ...rarely, ...options });
  entra.receiveNotifications((request) => feed.leavers.handle(request));
  await feed.leavers.start();
  await eventually(() => {
    expect(feed.leavers.health()).toMatchObject({
      status: 'up',
      leads: true,
      subscriptionEndsAt: expect.any(Number),
    });
  });
  return feed;
}

async function subscriptionsOf(entra: InProcessEntra) {
  const answer = await entra.fetch(`${entra.graph}/subscriptions`, {
    headers: { authorization: `Bearer ${tokenOf(entra)}` },
  });
  return ((await answer.json()) as { value: Record<string, string>[] }).value;
}

describe('a feed with addresses', () => {
  it('subscribes, and refuses a user as soon as Graph tells', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    expect(await subscriptionsOf(entra)).toEqual([
      expect.objectContaining({
        resource: 'users',
        changeType: 'updated,deleted',
        notificationUrl: HERE,
        lifecycleNotificationUrl: LIFECYCLE,
      }),
    ]);
    const enable = entra.disable('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    enable();
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('accepted'));
    entra.remove('bob');
    await eventually(() => expect(verdict(feed, entra, 'bob')).toBe('refused'));
    const before = entra.now();
    entra.revokeSessions('eve');
    await eventually(() => expect(verdict(feed, entra, 'eve', before)).toBe('refused'));
    expect(feed.leavers.health().lastNotificationAt).toBeGreaterThanOrEqual(before);
  });

  it('renews the subscription before its token ends', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    const ends = feed.leavers.health().subscriptionEndsAt ?? 0;
    entra.advance('31m');
    await eventually(() =>
      expect(feed.leavers.health().subscriptionEndsAt).toBeGreaterThan(ends + 30 * 60_000),
    );
    expect(feed.asked.some(({ method }) => method === 'PATCH')).toBe(true);
    expect(feed.asked.filter(({ path }) => path === '/subscriptions')).toHaveLength(1);
  });

  it.each([
    ['that Graph has removed', '31m'],
    ['that has ended', '3d'],
  ] as const)('makes another in place of one %s, and asks for what was missed', async (_, later) => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    const [first] = await subscriptionsOf(entra);
    await entra.fetch(`${entra.graph}/subscriptions/${first?.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${tokenOf(entra)}` },
    });
    entra.disable('ada');
    entra.advance(later);
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    await eventually(async () => expect(await subscriptionsOf(entra)).toHaveLength(1));
    expect((await subscriptionsOf(entra))[0]?.id).not.toBe(first?.id);
  });

  it('replaces the subscription of a process that has forgotten it', async () => {
    const entra = await localEntra();
    const first = await subscribed(entra);
    await first.leavers.stop();
    const second = await subscribed(entra);
    expect(await subscriptionsOf(entra)).toHaveLength(1);
    entra.disable('ada');
    await eventually(() => expect(verdict(second, entra, 'ada')).toBe('refused'));
  });

  it('replaces a subscription to other addresses, or with another secret', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const first = await subscribed(entra, { queue });
    const [before] = await subscriptionsOf(entra);
    await first.leavers.stop();
    const second = await subscribed(entra, { queue, clientState: 'another-secret-of-the-subscription' });
    await eventually(async () =>
      expect((await subscriptionsOf(entra)).map(({ id }) => id)).not.toContain(before?.id),
    );
    entra.disable('ada');
    await eventually(() => expect(verdict(second, entra, 'ada')).toBe('refused'));
  });

  it('goes on with the subscription that the queue remembers', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const first = await subscribed(entra, { queue });
    const ends = first.leavers.health().subscriptionEndsAt;
    await first.leavers.stop();
    const second = await subscribed(entra, { queue });
    expect(second.asked.filter(({ path }) => path.startsWith('/subscriptions'))).toEqual([]);
    expect(second.leavers.health().subscriptionEndsAt).toBe(ends);
  });

  it('does not take the subscription of another deployment, and says what to do', async () => {
    const entra = await localEntra();
    await subscribed(entra);
    const other = feedOn(entra, { ...addresses, notificationUrl: 'https://other.contoso.example/notify' });
    await other.leavers.start();
    await eventually(() => {
      expect(other.leavers.health()).toMatchObject({
        status: 'degraded',
        lastError: expect.stringContaining('with another notificationUrl, and Microsoft Graph allows one'),
      });
    });
    expect(await subscriptionsOf(entra)).toEqual([expect.objectContaining({ notificationUrl: HERE })]);
    entra.disable('ada');
    await eventually(() => expect(verdict(other, entra, 'ada')).toBe('refused'));
  });

  it.each<[string, () => Response, string]>([
    [
      'the address does not answer',
      () => graphError(400, 'ValidationError'),
      'have to lead to handle(...) or node(...)',
    ],
    [
      'the permission is missing',
      () => graphError(403, 'Authorization_RequestDenied'),
      'needs the permission User.Read.All',
    ],
    [
      'the answer has no id',
      () => json({ expirationDateTime: '2026-12-20T11:00:00Z' }, 201),
      'no id of a subscription',
    ],
    [
      'the one that is there is not shown',
      () => graphError(409, 'InvalidRequest'),
      'and Microsoft Graph allows one',
    ],
    ['the answer has no end', () => json({ id: 'abc' }, 201), 'no expirationDateTime'],
  ])('without a subscription it goes on asking, and says so: %s', async (_, answer, why) => {
    const entra = await localEntra();
    const feed = feedOn(entra, addresses);
    feed.intercept = ({ path, method }) =>
      method === 'POST' && path === '/subscriptions' ? answer() : undefined;
    await feed.leavers.start();
    await eventually(() =>
      expect(feed.leavers.health()).toMatchObject({
        status: 'degraded',
        lastError: expect.stringContaining(why),
      }),
    );
    entra.disable('ada');
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });
});

describe('a lifecycle notification', () => {
  it('reauthorizationRequired renews the subscription', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    const [own] = await subscriptionsOf(entra);
    entra.advance('10m');
    const ends = feed.leavers.health().subscriptionEndsAt ?? 0;
    expect(
      (await feed.leavers.handle(lifecycle(entra, 'reauthorizationRequired', String(own?.id)))).status,
    ).toBe(202);
    await eventually(() => expect(feed.asked.filter(({ method }) => method === 'PATCH')).toHaveLength(1));
    await eventually(() => expect(feed.leavers.health().subscriptionEndsAt).toBeGreaterThan(ends));
  });

  it('reauthorizationRequired of another subscription changes nothing', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    const other = lifecycle(entra, 'reauthorizationRequired', '99999999-9999-4999-8999-999999999999');
    expect((await feed.leavers.handle(other)).status).toBe(202);
    await feed.leavers.handle(lifecycle(entra, 'missed', 'x'));
    await eventually(() =>
      expect(feed.asked.filter(({ path }) => path.includes('deltatoken'))).not.toEqual([]),
    );
    expect(feed.asked.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  it('that Graph sends itself, before the token ends, is honoured', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    await feed.leavers.health();
    entra.advance('50m');
    await eventually(() =>
      expect(feed.asked.filter(({ method }) => method === 'PATCH').length).toBeGreaterThan(0),
    );
  });

  it('subscriptionRemoved makes another', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    const [own] = await subscriptionsOf(entra);
    expect((await feed.leavers.handle(lifecycle(entra, 'subscriptionRemoved', String(own?.id)))).status).toBe(
      202,
    );
    await eventually(async () => {
      const [other] = await subscriptionsOf(entra);
      expect(other?.id).toMatch(/./);
      expect(other?.id).not.toBe(own?.id);
    });
  });

  it.each(['missed', 'ofALaterYear', 7])('%s asks for changes at once', async (event) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    entra.disable('ada');
    expect((await feed.leavers.handle(lifecycle(entra, event, 'x'))).status).toBe(202);
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });

  it('is tried again when Graph is in trouble', async () => {
    const entra = await localEntra();
    const feed = await subscribed(entra);
    const [own] = await subscriptionsOf(entra);
    let failures = 0;
    feed.intercept = ({ method }) =>
      method === 'PATCH' && failures++ < 1 ? graphError(503, 'ServiceUnavailable') : undefined;
    await feed.leavers.handle(lifecycle(entra, 'reauthorizationRequired', String(own?.id)));
    await eventually(() => expect(feed.leavers.health().lastError).toContain('503 ServiceUnavailable'));
    entra.advance('1m');
    await eventually(() => expect(failures).toBeGreaterThan(1));
    await eventually(() => expect(feed.leavers.health().status).toBe('up'));
  });
});
