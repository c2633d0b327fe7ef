import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { NOW } from '../../../../test/support/forger.js';
import type { JsonObject } from '../../src/base/json-object.js';
import type { LogEntry } from '../../src/base/log.js';
import { AuthorityDocuments } from '../../src/keys/authority-documents.js';
import { budgetOf } from '../../src/keys/documents/fetch-budget.js';
import { fetchJson } from '../../src/keys/documents/fetch-json.js';
import {
  type DocumentKind,
  type DocumentSource,
  RemoteDocument,
} from '../../src/keys/documents/remote-document.js';
import { leaseDocument } from '../../src/keys/documents/shared-documents.js';
import { resolveSettings } from '../../src/options/settings.js';

const url = 'https://login.microsoftonline.com/common/discovery/keys';
const limits = {
  softAgeMs: 3_600_000,
  hardAgeMs: 86_400_000,
  coolDownMs: 30_000,
  timeoutMs: 5000,
  maxBytes: 1024,
};
const JWK = { kty: 'RSA', kid: 'contoso', e: 'AQAB', n: 'x'.repeat(342) };
const answering =
  (make: () => Response): typeof globalThis.fetch =>
  async () =>
    make();
const ANY: DocumentKind<JsonObject> = {
  document: 'metadata',
  purpose: 'metadata',
  parse: (json) => json,
  format: (json) => json,
  keysOf: () => [],
};
const document = (changes: Partial<DocumentSource<JsonObject>>): RemoteDocument<JsonObject> =>
  new RemoteDocument<JsonObject>({
    url,
    fetch: answering(() => Response.json({})),
    now: () => NOW,
    limits,
    kind: ANY,
    log: () => {},
    ...changes,
  });
/** A body that can't be cancelled either. */
const stubborn = (status: number): Response =>
  new Response(
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(2000)),
      cancel: () => Promise.reject(new Error('the proxy does not let go')),
    }),
    { status },
  );

describe('documents of an authority with thousands of tenants', () => {
  it('the least recently used ones leave, and callers that wait for them are served all the same', async () => {
    const answers = new Map<string, () => void>();
    const fetch: typeof globalThis.fetch = (input) =>
      new Promise((resolve) => {
        answers.set(String(input), () => resolve(Response.json({ keys: [JWK] })));
      });
    const documents = new AuthorityDocuments(resolveSettings(contoso({ fetch })), () => {});
    const keysOf = (tenant: number): string => `https://login.microsoftonline.com/${tenant}/keys`;
    const waiting = documents.keys(keysOf(1)).get();
    for (let tenant = 0; tenant < 4096; tenant++) documents.keys(keysOf(tenant));
    documents.keys(keysOf(0));
    documents.keys(keysOf(4096));
    documents.keys(keysOf(4097));
    const kept = new Set(documents.states().map((state) => state.url));
    expect(kept.size).toBe(4096);
    const tenants = [0, 1, 2, 3, 4097].filter((tenant) => kept.has(keysOf(tenant)));
    expect(tenants).toEqual([0, 3, 4097]);
    answers.get(keysOf(1))?.();
    expect((await waiting).kids).toEqual(['contoso']);
    documents.close();
    expect(documents.states()).toEqual([]);
  });

  it('a lease that is given back twice takes the keys of no other validator', async () => {
    const surroundings = {
      fetch: answering(() => Response.json({ issuer: 'x' })),
      now: () => NOW,
      limits,
      seed: undefined,
      log: () => {},
    };
    const lease = () => leaseDocument(url, ANY, surroundings);
    const [first, second] = [lease(), lease()];
    first.release();
    first.release();
    expect(second.document).toBe(first.document);
    expect(await second.document.get()).toEqual({ issuer: 'x' });
    expect(lease().document).toBe(second.document);
  });
});

it('keys that are passed over are told of, and a good set is not reported', async () => {
  const log: LogEntry[] = [];
  const sets = [[JWK], [JWK, { kty: 'EC' }]];
  const fetch = answering(() => Response.json({ keys: sets.shift() }));
  const settings = resolveSettings(contoso({ fetch }));
  const documents = new AuthorityDocuments(settings, (entry) => log.push(entry));
  await documents.keys('https://login.microsoftonline.com/good').get();
  expect(log).toEqual([]);
  const mixed = 'https://login.microsoftonline.com/mixed';
  await documents.keys(mixed).get();
  expect(log).toEqual([
    {
      level: 'warn',
      event: 'keys',
      message: `${mixed} holds keys that can't be used: key 2: type EC instead of RSA.`,
    },
  ]);
});

describe('one document of an authority', () => {
  it.each([
    ['an error status', () => stubborn(502), 'status 502'],
    ['an endless answer', () => stubborn(200), 'an answer of more than 1024 bytes'],
    ['an answer without a body', () => new Response(null), 'an empty answer'],
  ])('%s fails the exchange, even where its body can not be cancelled', async (_, make, reason) => {
    const exchange = fetchJson(url, answering(make), limits, new AbortController().signal);
    await expect(exchange).rejects.toThrow(reason);
  });

  it('nothing is read any more once the validator is closed, whatever the fetch function does', async () => {
    const closing = new AbortController();
    closing.abort();
    let aborted: boolean | undefined;
    const deaf: typeof globalThis.fetch = (_, init) => {
      aborted = init?.signal?.aborted;
      return new Promise(() => {});
    };
    await expect(fetchJson(url, deaf, limits, closing.signal)).rejects.toThrow('the validator was closed');
    expect(aborted).not.toBe(false);
  });

  it('a refresh that throws a value that is not an Error failed like any other', async () => {
    const parse = () => {
      throw 'no keys today';
    };
    const broken = document({ kind: { ...ANY, parse } });
    await expect(broken.get()).rejects.toMatchObject({ code: 'keys_unavailable' });
    expect(broken.state()).toMatchObject({ lastError: 'no keys today', stale: true });
  });

  it('keys that expire in the moment they arrive, because the clock leaps, serve no token', async () => {
    let now = NOW;
    const leaping = document({
      now: () => {
        now += 90_000_000;
        return now;
      },
    });
    await expect(leaping.get()).rejects.toMatchObject({ code: 'keys_unavailable', retryAfter: 1 });
  });

  it('a look for an unknown key while backing off asks nothing, and does not use up the cool-down', async () => {
    let now = NOW;
    let asked = 0;
    let up = true;
    const keys = document({
      now: () => now,
      fetch: async () => {
        asked++;
        return up ? Response.json({}) : new Response('', { status: 503, headers: { 'retry-after': '20' } });
      },
    });
    await keys.get();
    const arrival = Number.MAX_SAFE_INTEGER;
    up = false;
    now += limits.softAgeMs;
    await keys.get();
    await setImmediate();
    await expect.poll(() => keys.state().lastStatus).toBe(503);
    expect(asked).toBe(2);
    expect(await keys.getFresher(arrival)).toEqual({ retryAfter: 20 });
    now += 20_000;
    await keys.getFresher(arrival);
    expect(asked).toBe(3);
  });
});

describe('a document that was never read', () => {
  it('has no value, no age and no copy to save', () => {
    const unread = document({});
    expect([unread.current, unread.fetchedAt, unread.save(), unread.atHand()]).toEqual(
      Array(4).fill(undefined),
    );
    expect(unread.fetchedSince(0)).toBe(false);
    expect(unread.state()).toMatchObject({ stale: true, fetchedAt: undefined, trustedUntil: undefined });
  });

  it('and that is closed while it is read says nothing in the log: it was meant', async () => {
    const log: LogEntry[] = [];
    const closed = document({ fetch: () => new Promise(() => {}), log: (entry) => log.push(entry) });
    const waiting = closed.get();
    closed.close();
    await expect(waiting).rejects.toMatchObject({ code: 'keys_unavailable' });
    expect(log).toEqual([]);
  });
});

describe('when the process may fetch no more for unverified tokens', () => {
  let now = NOW;
  let asked = 0;
  const counted = (answer = () => Response.json({})) => {
    now = NOW;
    asked = 0;
    const clock = () => now;
    const keys = document({
      now: clock,
      fetch: async () => {
        asked++;
        return answer();
      },
    });
    const useUp = (what: 'load' | 'look'): void => {
      for (let count = 0; count < 20_000; count++) budgetOf(clock).spend(what, now, undefined);
    };
    return { keys, useUp };
  };

  it('a document is not read for the first time, and says why, until a little later', async () => {
    const { keys, useUp } = counted();
    useUp('load');
    await expect(keys.get()).rejects.toMatchObject({
      code: 'keys_unavailable',
      retryAfter: 1,
      message: expect.stringContaining('has read too many documents for the first time'),
    });
    expect(asked).toBe(0);
    now += 100;
    await expect(keys.get()).resolves.toEqual({});
  });

  it('and is refused for its own reason, once it may be read and can not', async () => {
    const { keys, useUp } = counted(() => new Response('', { status: 500 }));
    useUp('load');
    await expect(keys.get()).rejects.toThrow('too many documents');
    now += 100;
    await expect(keys.get()).rejects.toThrow('status 500');
  });

  it('a cached copy is refreshed by its age all the same', async () => {
    const { keys, useUp } = counted();
    await keys.get();
    useUp('load');
    now += limits.softAgeMs;
    useUp('load');
    expect(keys.atHand()).toEqual({});
    expect(asked).toBe(2);
  });

  it('a look that was refused does not explain what fails a day later', async () => {
    let down = false;
    const { keys, useUp } = counted(() => (down ? new Response('', { status: 500 }) : Response.json({})));
    await keys.get();
    useUp('look');
    await keys.getFresher(Number.MAX_SAFE_INTEGER);
    down = true;
    now += limits.hardAgeMs;
    await expect(keys.get()).rejects.toThrow('status 500');
  });

  it('an unknown key is not looked for, and the caller is told how long', async () => {
    const { keys, useUp } = counted();
    await keys.get();
    useUp('look');
    expect(await keys.getFresher(Number.MAX_SAFE_INTEGER)).toEqual({ retryAfter: 2 });
    expect(asked).toBe(1);
    now += 2000;
    await keys.getFresher(Number.MAX_SAFE_INTEGER);
    expect(asked).toBe(2);
  });
});

describe('a document that several share', () => {
  const surroundings = () => ({
    fetch: answering(() => Response.json({ issuer: 'x' })),
    now: () => NOW,
    limits,
    seed: undefined,
    log: () => {},
  });

  it('is closed by the last of them, however often another closes its own', async () => {
    const common = surroundings();
    const [first, second] = [leaseDocument(url, ANY, common), leaseDocument(url, ANY, common)];
    first.close();
    first.close();
    await expect(second.document.get()).resolves.toEqual({ issuer: 'x' });
    const third = leaseDocument(url, ANY, common);
    second.close();
    third.close();
    await expect(leaseDocument(url, ANY, common).document.get()).resolves.toEqual({ issuer: 'x' });
  });

  it('that was given back can be taken again, unless another one has its place', () => {
    const common = surroundings();
    const lease = leaseDocument(url, ANY, common);
    lease.release();
    expect(lease.renew()).toBe(true);
    expect(leaseDocument(url, ANY, common).document).toBe(lease.document);
    const [first, second] = [leaseDocument(`${url}?2`, ANY, common), leaseDocument(`${url}?2`, ANY, common)];
    first.release();
    expect(first.renew()).toBe(true);
    for (const one of [first, second]) one.release();
    leaseDocument(`${url}?2`, ANY, common);
    expect(first.renew()).toBe(false);
  });

  it('is another one once all have given it back', () => {
    const common = surroundings();
    const lease = leaseDocument(url, ANY, common);
    lease.release();
    expect(leaseDocument(url, ANY, common).document).not.toBe(lease.document);
  });

  it('ends what is running with the last of them', async () => {
    const lease = leaseDocument(url, ANY, { ...surroundings(), fetch: () => new Promise(() => {}) });
    const waiting = lease.document.get();
    lease.close();
    await expect(waiting).rejects.toThrow('the validator was closed');
  });
});
