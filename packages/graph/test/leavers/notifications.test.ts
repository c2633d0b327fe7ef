import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import type { InProcessEntra } from '@entra-guard/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../src/index.js';
import {
  closeAfterEach,
  eventually,
  feedOn,
  graphError,
  HERE,
  json,
  LIFECYCLE,
  localEntra,
  notification,
  posted,
  readyFeed,
  SECRET,
  type TestFeed,
  tokenOf,
  twoPolls,
  verdict,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

const addresses = { notificationUrl: HERE, lifecycleNotificationUrl: LIFECYCLE, clientState: SECRET };
/** A poll that does not come within the test, so that notifications alone decide. */
const rarely = { pollEvery: '1d' } as const;

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

const lifecycle = (entra: InProcessEntra, lifecycleEvent: unknown, subscriptionId: string, change = {}) =>
  posted(
    { value: [{ subscriptionId, clientState: SECRET, tenantId: entra.tenantId, lifecycleEvent, ...change }] },
    LIFECYCLE,
  );

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

describe('the handshake', () => {
  const ask = (feed: TestFeed, query: string, method = 'POST') =>
    feed.leavers.handle(new Request(`${HERE}?${query}`, { method }));

  it('is answered with the decoded token, as text that no browser runs', async () => {
    const feed = feedOn(await localEntra(), { clientState: SECRET });
    const answer = await ask(
      feed,
      `validationToken=${encodeURIComponent('Validation: <script>alert(1)</script> +')}`,
    );
    expect([answer.status, await answer.text()]).toEqual([200, 'Validation: <script>alert(1)</script> +']);
    expect(Object.fromEntries(answer.headers)).toEqual({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  it.each([
    ['an empty token', 'validationToken=', 'POST', 400],
    ['a token of any length', `validationToken=${'x'.repeat(4097)}`, 'POST', 400],
    ['another method', 'validationToken=x', 'GET', 405],
  ])('is refused: %s', async (_, query, method, status) => {
    const feed = feedOn(await localEntra(), { clientState: SECRET });
    expect((await ask(feed, query, method)).status).toBe(status);
  });

  it('is refused where no notifications are expected', async () => {
    const feed = feedOn(await localEntra());
    expect((await ask(feed, 'validationToken=x')).status).toBe(404);
  });
});

describe('a notification', () => {
  const oid = '11111111-2222-4333-8444-555555555555';

  it.each<[string, object]>([
    ['with another clientState', { clientState: 'guessed' }],
    ['without a clientState', { clientState: undefined }],
    ['with a clientState that begins with the right one', { clientState: `${SECRET}x` }],
    ['with a clientState that is not text', { clientState: [SECRET] }],
    ['of another tenant with another clientState', { clientState: 'x', tenantId: oid }],
  ])('that is forged is refused, and nothing is changed: %s', async (_, change) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    entra.disable('ada');
    await nothingLeft(feed);
    const before = feed.asked.length;
    const answer = await feed.leavers.handle(posted({ value: [notification(entra, 'ada', change)] }));
    expect(answer.status).toBe(403);
    expect(feed.entries).toEqual([
      expect.objectContaining({
        level: 'warn',
        event: 'feed',
        message: '1 of 1 notifications have another clientState, and were refused.',
      }),
    ]);
    expect(JSON.stringify(feed.entries)).not.toContain(SECRET);
    // A genuine one comes after it, and all that was put before was looked at.
    expect((await feed.leavers.handle(posted({ value: [notification(entra, 'bob')] }))).status).toBe(202);
    const asked = () => feed.asked.slice(before).map(({ path }) => path.slice(7, 43));
    await eventually(() => expect(asked()).toEqual([entra.objectIdOf('bob')]));
    expect(feed.revocations.list()).toEqual([]);
  });

  it('among forged ones counts, and forged ones are told once a minute', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    entra.disable('ada');
    const forged = notification(entra, 'bob', { clientState: 'guessed' });
    for (let count = 0; count < 3; count++) {
      const body = { value: [forged, notification(entra, 'ada'), forged] };
      expect((await feed.leavers.handle(posted(body))).status).toBe(202);
    }
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    expect(feed.entries).toHaveLength(1);
    entra.advance('61s');
    await feed.leavers.handle(posted({ value: [forged] }));
    expect(feed.entries).toHaveLength(2);
  });

  it('of another tenant is ignored and logged', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    entra.disable('ada');
    const answer = await feed.leavers.handle(
      posted({ value: [notification(entra, 'ada', { tenantId: oid })] }),
    );
    expect(answer.status).toBe(202);
    expect(feed.entries).toEqual([
      expect.objectContaining({ message: 'A notification is of another tenant, and was ignored.' }),
    ]);
    await feed.leavers.handle(posted({ value: [notification(entra, 'bob')] }));
    await eventually(() =>
      expect(feed.asked.some(({ path }) => path.includes(entra.objectIdOf('bob')))).toBe(true),
    );
    expect(feed.revocations.list()).toEqual([]);
  });

  it('may write IDs in any case, and need not have resourceData', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    entra.disable('ada');
    const id = entra.objectIdOf('ada').toUpperCase();
    const change = {
      resource: `users/${id}`,
      resourceData: undefined,
      tenantId: entra.tenantId.toUpperCase(),
    };
    expect((await feed.leavers.handle(posted({ value: [notification(entra, 'ada', change)] }))).status).toBe(
      202,
    );
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
  });

  it.each<[string, object]>([
    ['of something else', { resource: 'groups/x' }],
    ['without a resource', { resource: undefined }],
    ['whose ID leads elsewhere', { resourceData: { id: '../../me' } }],
  ])('that can not be read is logged, and changes are asked for: %s', async (_, change) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    entra.disable('ada');
    expect((await feed.leavers.handle(posted({ value: [notification(entra, 'ada', change)] }))).status).toBe(
      202,
    );
    await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    expect(feed.entries).toContainEqual(
      expect.objectContaining({
        message: 'A notification could not be read. Changes of users are asked for instead.',
      }),
    );
  });

  it.each<[string, string | object, number]>([
    ['no JSON', 'value=1', 400],
    ['nothing', '', 400],
    ['no list', { value: {} }, 400],
    ['null', 'null', 400],
    ['an empty list', { value: [] }, 202],
    ['a list of nothing', { value: [null, 7] }, 403],
    ['more than a megabyte', `{"value":["${'x'.repeat(1024 * 1024)}"]}`, 413],
  ])('is bounded and has a form: %s', async (_, body, status) => {
    const feed = await readyFeed(await localEntra(), { ...rarely, clientState: SECRET });
    expect((await feed.leavers.handle(posted(body))).status).toBe(status);
  });

  it('is in the queue before it is answered, and 503 without', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET, queue });
    const jobs = queue.open(`leavers:${entra.tenantId}`);
    const put = vi.spyOn(jobs, 'put');
    let keep = () => {};
    put.mockImplementationOnce(() => new Promise((resolve) => (keep = () => resolve())));
    let answered = false;
    const answer = feed.leavers.handle(posted({ value: [notification(entra, 'ada')] })).finally(() => {
      answered = true;
    });
    await eventually(() => expect(put).toHaveBeenCalledTimes(1));
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    keep();
    expect((await answer).status).toBe(202);
    put.mockRejectedValueOnce(new Error('full'));
    const refused = await feed.leavers.handle(posted({ value: [notification(entra, 'ada')] }));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  });

  it('is answered 503 while the queue does not answer, and while the feed does not run', async () => {
    const entra = await localEntra();
    const queue = memoryQueue({ now: entra.now });
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET, queue });
    const body = { value: [notification(entra, 'ada')] };
    vi.spyOn(queue.open(`leavers:${entra.tenantId}`), 'put').mockReturnValueOnce(new Promise(() => {}));
    expect((await feed.leavers.handle(posted(body))).status).toBe(503);
    await feed.leavers.stop();
    expect((await feed.leavers.handle(posted(body))).status).toBe(503);
  });
});

describe('over node:http', () => {
  let server: Server | undefined;
  afterEach(
    () => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
  );

  async function call(
    feed: TestFeed,
    {
      path,
      method = 'POST',
      body = '',
      parsed,
    }: { path: string; method?: string; body?: string; parsed?: 'text' | 'json' | 'bytes' },
  ) {
    server = createServer(async (req: IncomingMessage & { body?: unknown }, res) => {
      if (parsed !== undefined) {
        const chunks: Buffer[] = [];
        for await (const chunk of req) chunks.push(chunk as Buffer);
        const bytes = Buffer.concat(chunks);
        req.body =
          parsed === 'bytes' ? bytes : parsed === 'text' ? bytes.toString() : JSON.parse(bytes.toString());
      }
      await feed.leavers.node(req, res);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    return new Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }>(
      (resolve, reject) => {
        const req = send({ port, host: '127.0.0.1', path, method, agent: false }, (res) => {
          let text = '';
          res
            .on('data', (chunk) => (text += chunk))
            .on('end', () => resolve({ status: res.statusCode ?? 0, text, headers: res.headers }));
        });
        req.on('error', reject).end(body);
      },
    );
  }

  it.each([undefined, 'json', 'text', 'bytes'] as const)(
    'takes a notification whose body was read as %s',
    async (parsed) => {
      const entra = await localEntra();
      const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
      entra.disable('ada');
      const body = JSON.stringify({ value: [notification(entra, 'ada')] });
      const answer = await call(feed, {
        path: '/entra/notify',
        body,
        ...(parsed === undefined ? {} : { parsed }),
      });
      expect(answer.status).toBe(202);
      await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    },
  );

  it('answers the handshake, other methods, and paths that are not', async () => {
    const entra = await localEntra();
    const feed = feedOn(entra, { clientState: SECRET });
    const shaken = await call(feed, { path: '/entra/notify?validationToken=a%20b' });
    expect([shaken.status, shaken.text, shaken.headers['x-content-type-options']]).toEqual([
      200,
      'a b',
      'nosniff',
    ]);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    expect((await call(feed, { path: '/entra/notify', method: 'DELETE' })).status).toBe(405);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    expect((await call(feed, { path: '//elsewhere.example/x?validationToken=a', method: 'POST' })).text).toBe(
      'a',
    );
  });
});

/** Waits until the users of the first pass were looked at. */
const nothingLeft = (feed: TestFeed) =>
  eventually(() =>
    expect(
      feed.asked.filter(({ path }) => /^\/users\/[0-9a-f]{8}-/.test(path)).length,
    ).toBeGreaterThanOrEqual(3),
  );

it('nothing is left to do after two polls without changes', async () => {
  const entra = await localEntra();
  const feed = await readyFeed(entra);
  await twoPolls(feed);
  expect(feed.leavers.health()).toMatchObject({ waiting: 0, unreadable: 0 });
});
