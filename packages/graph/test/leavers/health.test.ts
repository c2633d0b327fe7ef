import { describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../src/index.js';
import {
  closeAfterEach,
  eventually,
  feedOn,
  graphError,
  json,
  localEntra,
  readyFeed,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

describe('health', () => {
  it('is down before the start and after the end', async () => {
    const entra = await localEntra();
    const feed = feedOn(entra);
    const stopped = {
      part: 'feed',
      name: entra.tenantId,
      status: 'down',
      message: 'The feed is not running: call start().',
    };
    expect(feed.leavers.health()).toMatchObject(stopped);
    await feed.leavers.start();
    await feed.leavers.start();
    await eventually(() =>
      expect(feed.leavers.health()).toMatchObject({ status: 'up', message: 'Leavers are noticed.' }),
    );
    await feed.leavers.stop();
    await feed.leavers.stop();
    expect(feed.leavers.health()).toMatchObject(stopped);
    await feed.leavers.start();
    await eventually(() => expect(feed.leavers.health().status).toBe('up'));
  });

  it('ends at once when it is stopped while it starts', async () => {
    const feed = feedOn(await localEntra());
    const started = feed.leavers.start();
    await feed.leavers.stop();
    await started;
    expect(feed.asked).toEqual([]);
  });

  it('ends a request that is on its way', async () => {
    const feed = feedOn(await localEntra());
    feed.intercept = () => new Promise(() => {});
    await feed.leavers.start();
    await eventually(() => expect(feed.asked).toHaveLength(1));
    await feed.leavers.stop();
    expect(feed.leavers.health().status).toBe('down');
    // That is not a failure, and is not reported as one.
    expect(feed.entries).toEqual([]);
    expect(feed.leavers.health().lastError).toBeUndefined();
  });

  it('is not down while a large tenant is read for the first time', async () => {
    const entra = await localEntra();
    // By a clock of its own, the lead does not end meanwhile.
    const feed = feedOn(entra, { queue: memoryQueue() });
    let pages = 0;
    feed.intercept = ({ path }) => {
      if (!path.startsWith('/users/delta')) return undefined;
      pages++;
      if (pages < 3) entra.advance('10m');
      const link = `https://graph.microsoft.com/v1.0/users/delta?$skiptoken=${pages}`;
      return pages < 3 ? json({ value: [], '@odata.nextLink': link }) : new Promise(() => {});
    };
    await feed.leavers.start();
    await eventually(() => expect(pages).toBe(3));
    await eventually(() =>
      expect(feed.leavers.health()).toMatchObject({
        status: 'degraded',
        message: expect.stringMatching(/for the first time, since 12\d\d s/),
      }),
    );
  });

  it('is degraded before it is down, and says since when', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    const { lastPollAt } = feed.leavers.health();
    expect(lastPollAt).toBeGreaterThan(0);
    feed.intercept = () => graphError(503, 'ServiceUnavailable');
    await eventually(() =>
      expect(feed.leavers.health()).toMatchObject({
        status: 'degraded',
        message: 'Leavers may be noticed late. Microsoft Graph could not be asked for changes.',
        lastError: 'Changes of users could not be read: Microsoft Graph answered 503 ServiceUnavailable.',
      }),
    );
    entra.advance('16m');
    expect(feed.leavers.health()).toMatchObject({
      status: 'down',
      message: expect.stringMatching(/were last read 9\d\d s ago. Leavers are not noticed/),
    });
    expect(feed.leavers.health().ageMs).toBeGreaterThan(15 * 60_000);
    feed.intercept = undefined;
    await eventually(() => expect(feed.leavers.health().status).toBe('up'));
    expect(feed.leavers.health().lastError).toContain('503');
    expect(feed.entries.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: Changes of users could not be read.',
      'info: That is over: Changes of users could not be read.',
    ]);
  });

  it('is degraded until all users have been read', async () => {
    const feed = feedOn(await localEntra());
    feed.intercept = () => new Promise(() => {});
    await feed.leavers.start();
    expect(feed.leavers.health()).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('All users are being read for the first time'),
    });
  });

  it('is degraded while polls are late without an error', async () => {
    const entra = await localEntra();
    const feed = await readyFeed(entra);
    feed.intercept = () => new Promise(() => {});
    await eventually(() => expect(feed.asked.at(-1)?.path).toContain('deltatoken'));
    entra.advance('3m');
    expect(feed.leavers.health()).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('were last read 1'),
    });
  });

  it('says that a token is unavailable, and shows none', async () => {
    const entra = await localEntra();
    const token = 'not a token, because of the spaces';
    const feed = feedOn(entra, { getToken: async () => token });
    await feed.leavers.start();
    await eventually(() =>
      expect(feed.leavers.health().lastError).toContain('getToken() gave text that is not a token'),
    );
    expect(JSON.stringify([feed.entries, feed.leavers.health()])).not.toContain(token);
  });
});
