import { describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../src/index.js';
import {
  closeAfterEach,
  eventually,
  feedOn,
  HERE,
  localEntra,
  notification,
  posted,
  rarely,
  readyFeed,
  SECRET,
  type TestFeed,
  verdict,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

/** Waits until the users of the first pass were looked at. */
const nothingLeft = (feed: TestFeed) =>
  eventually(() =>
    expect(
      feed.asked.filter(({ path }) => /^\/users\/[0-9a-f]{8}-/.test(path)).length,
    ).toBeGreaterThanOrEqual(3),
  );

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

  it.each([{ toString: 1, valueOf: 1 }, 7, null])('of a tenant that is %j is ignored', async (tenantId) => {
    const entra = await localEntra();
    const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
    const answer = await feed.leavers.handle(posted({ value: [notification(entra, 'ada', { tenantId })] }));
    expect(answer.status).toBe(202);
    expect(feed.entries).toHaveLength(1);
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
    ['with a strange resource', { resource: { toString: 1, valueOf: 1 } }],
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
