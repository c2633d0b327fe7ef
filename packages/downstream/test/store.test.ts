import { createSecretKey, randomBytes } from 'node:crypto';
import { type KeyRing, keyRing, onEvent } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type DownstreamOptions,
  type SealedEntryEvent,
  sealed,
  type TokenStore,
  wrappedKeyRing,
} from '../src/index.js';
import { sealEntry } from '../src/store/seal.js';
import { entriesOf } from '../src/store/sealed-store.js';
import { StoreTime } from '../src/store/store-time.js';
import { Shelf } from './shelf.js';
import { errorOf, type Stage, stage } from './stage.js';

const secret = randomBytes(32);
const ring = keyRing([{ id: '2026-11', secret }]);

let made: Stage;
let shelf: Shelf;
let events: SealedEntryEvent[];
let stop: () => void;
beforeEach(async () => {
  made = await stage();
  shelf = new Shelf();
  events = [];
  stop = onEvent((event) => void events.push(event), { types: ['sealed-entry'] });
});
afterEach(() => stop());

/** One of several processes. */
const process = (by: KeyRing = ring, changes: Partial<DownstreamOptions<'stock'>> = {}) =>
  made.downstream({ store: sealed(shelf, by), ...changes }).apis;
const call = async (user: string, apis = process()) =>
  apis.stock.forCaller(await made.accepted(user)).json('/');
const written = () => expect.poll(() => shelf.entries.size).toBeGreaterThan(0);

describe('what processes share', () => {
  it('is got once, and nothing of it is readable', async () => {
    const request = await made.accepted('ada');
    await process().stock.forCaller(request).json('/');
    await written();
    await process().stock.forCaller(request).json('/');
    expect(made.forms).toHaveLength(1);
    const all = Buffer.concat(shelf.written).toString('latin1');
    const token = (made.received[0]?.headers.get('authorization') ?? '').slice('Bearer '.length);
    const { oid, tid } = made.entra.user('ada', { api: 'orders' }).claims;
    for (const text of [
      'eyJ',
      token,
      token.slice(0, 20),
      'token',
      'expiresAt',
      'Stock.Read',
      oid,
      tid,
      'ada',
    ])
      expect(all).not.toContain(text);
  });

  it('is got once by several processes that need it at the same time', async () => {
    made.answer = () => Response.json({});
    const request = await made.accepted('ada');
    let answer = () => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    made.intercept = async (url, init) => {
      await gate;
      return made.entra.fetch(url, init);
    };
    const calls = Array.from({ length: 4 }, () => process()).flatMap((apis) =>
      Array.from({ length: 10 }, () => apis.stock.forCaller(request).json('/')),
    );
    await expect.poll(() => made.forms.length).toBe(1);
    answer();
    await Promise.all(calls);
    expect(made.forms).toHaveLength(1);
    await expect.poll(() => shelf.locks.size).toBe(0);
  });

  it('is not waited for for ever, where the process that gets it has died', async () => {
    await call('bob');
    await written();
    const [key = ''] = shelf.entries.keys();
    shelf.entries.clear();
    const lock = shelf.lock.bind(shelf);
    shelf.lock = async (name) => (name === `${key}:lock` ? lock(name) : undefined);
    const start = performance.now();
    await call('ada');
    expect(performance.now() - start).toBeGreaterThanOrEqual(1900);
    expect(made.forms).toHaveLength(2);
  }, 10_000);

  it('is renewed by one process, and read by the others', async () => {
    const [first, second] = [process(), process()];
    await first.stock.asApp().json('/');
    await written();
    await second.stock.asApp().json('/');
    made.pass(54 * 60_000);
    await first.stock.asApp().json('/');
    await expect.poll(() => made.forms.length).toBe(2);
    await expect.poll(() => shelf.written.length).toBe(4);
    await second.stock.asApp().json('/');
    expect(made.forms).toHaveLength(2);
  });

  it('is kept no longer than the token that was exchanged', async () => {
    const exp = Math.floor(made.now() / 1000) + 600;
    const request = await made.accepted('ada', { exp });
    await process().stock.forCaller(request).json('/');
    await written();
    expect(shelf.ttls[0]).toBeLessThanOrEqual(600_000);
  });

  it('is deleted where a user is forgotten', async () => {
    const { apis, forget } = made.downstream({ store: sealed(shelf, ring) });
    const request = await made.accepted('ada');
    await apis.stock.forCaller(request).json('/');
    await written();
    await forget(made.guard.authOf(request) as never);
    expect(shelf.entries.size).toBe(0);
  });
});

describe('an entry that can not be trusted is a miss and an event', () => {
  const place = () => [...shelf.entries.keys()][0] as string;
  const bytes = () => Buffer.from(shelf.entries.get(place()) as Uint8Array);
  const altered = (at: (entry: Buffer) => number) => {
    const entry = bytes();
    const index = at(entry);
    entry[index] = (entry[index] as number) ^ 1;
    return entry;
  };
  const plain = Buffer.from(
    JSON.stringify({ v: 1, token: 'eyJ.planted.x', expiresAt: 9e15, usableUntil: 9e15, refreshAt: 9e15 }),
  );

  it.each<[string, () => Uint8Array, SealedEntryEvent['problem']]>([
    ['planted in clear text', () => plain, 'version'],
    ['planted in clear text with a header', () => Buffer.concat([bytes().subarray(0, 9), plain]), 'seal'],
    ['with one bit of the text changed', () => altered((entry) => entry.length - 1), 'seal'],
    ['with one bit of the tag changed', () => altered(() => 2 + 7 + 12 + 3), 'seal'],
    ['with one bit of the nonce changed', () => altered(() => 2 + 7), 'seal'],
    ['with the key ID changed', () => altered(() => 3), 'key'],
    ['with another version', () => altered(() => 0), 'version'],
    ['of a later version', () => Buffer.concat([Buffer.from([2]), bytes().subarray(1)]), 'version'],
    [
      'with the length of the ID changed',
      () => Buffer.concat([Buffer.from([1, 200]), bytes().subarray(2)]),
      'form',
    ],
    ['cut within its text', () => bytes().subarray(0, bytes().length - 5), 'seal'],
    ['cut within its header', () => bytes().subarray(0, 20), 'form'],
    ['that is empty', () => new Uint8Array(), 'form'],
    ['that is far too long', () => new Uint8Array(300_000), 'form'],
    ['that is text', () => 'eyJ' as never, 'form'],
  ])('%s', async (_, make, problem) => {
    const request = await made.accepted('ada');
    await process().stock.forCaller(request).json('/');
    await written();
    shelf.entries.set(place(), make());
    await process().stock.forCaller(request).json('/');
    expect(made.forms).toHaveLength(2);
    expect(events).toMatchObject([{ v: 1, type: 'sealed-entry', problem, place: place() }]);
  });

  it('moved from another user', async () => {
    const [ada, bob] = [await made.accepted('ada'), await made.accepted('bob')];
    await process().stock.forCaller(ada).json('/');
    await written();
    const hers = bytes();
    const herPlace = place();
    shelf.entries.clear();
    await process().stock.forCaller(bob).json('/');
    await written();
    shelf.entries.set(place(), hers);
    expect(place()).not.toBe(herPlace);
    expect(await process().stock.forCaller(bob).json('/')).toMatchObject({
      for: made.entra.user('bob', { api: 'orders' }).claims.oid,
    });
    expect(events).toMatchObject([{ problem: 'seal' }]);
  });

  it('sealed with another secret under the same ID', async () => {
    const request = await made.accepted('ada');
    await process(keyRing([{ id: '2026-11', secret: randomBytes(32) }]))
      .stock.forCaller(request)
      .json('/');
    await written();
    await process().stock.forCaller(request).json('/');
    expect(made.forms).toHaveLength(2);
    expect(events).toMatchObject([{ problem: 'seal' }]);
  });

  it('sealed with a key that is not known here, which is named', async () => {
    const request = await made.accepted('ada');
    await process(keyRing([{ id: '2027-01', secret }]))
      .stock.forCaller(request)
      .json('/');
    await written();
    await process().stock.forCaller(request).json('/');
    expect(events).toMatchObject([{ problem: 'key', keyId: '2027-01' }]);
  });
});

describe('a key ring', () => {
  it('that got a new first key opens what the old one has sealed', async () => {
    const request = await made.accepted('ada');
    await process().stock.forCaller(request).json('/');
    await written();
    const rotated = keyRing([
      { id: '2026-12', secret: randomBytes(32) },
      { id: '2026-11', secret },
    ]);
    await process(rotated).stock.forCaller(request).json('/');
    expect([made.forms.length, events]).toEqual([1, []]);
  });

  it.each<[string, unknown, unknown]>([
    ['a client for a store', { get: () => {} }, ring],
    ['no store', undefined, ring],
    ['no ring', new Shelf(), undefined],
    ['a ring that is a copy', new Shelf(), { ...ring }],
  ])('%s is refused at once', (_, store, by) => {
    expect(() => sealed(store as TokenStore, by as KeyRing)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
  });

  it('is needed for every store', () => {
    expect(() => made.downstream({ store: shelf as never })).toThrow('store is not sealed');
    expect(() => made.downstream({ store: { ...sealed(shelf, ring) } as never })).toThrow('not sealed');
    expect(() => made.downstream({ store: 'redis' as never })).toThrow("store is 'redis'");
  });
});

describe('keys that a vault has wrapped', () => {
  const wrapped = Buffer.from(secret.map((byte) => byte ^ 0xff)).toString('base64url');
  const unwrap = async (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff);

  it('are unwrapped once', async () => {
    const asked: string[] = [];
    const vault = wrappedKeyRing({
      keys: [{ id: '2026-11', wrapped }],
      unwrap: async (bytes, id) => {
        asked.push(id);
        return unwrap(bytes);
      },
    });
    expect(vault.ids).toEqual(['2026-11']);
    const request = await made.accepted('ada');
    await process(vault).stock.forCaller(request).json('/');
    await written();
    await process().stock.forCaller(request).json('/');
    expect([made.forms.length, asked]).toEqual([1, ['2026-11']]);
  });

  it('that can not be unwrapped cost the store, and no request', async () => {
    const vault = wrappedKeyRing({
      keys: [{ id: '2026-11', wrapped }],
      unwrap: () => Promise.reject(Object.assign(new Error('key=abc'), { code: 'ENOTFOUND' })),
    });
    const downstream = made.downstream({ store: sealed(shelf, vault) });
    for (const user of ['ada', 'bob']) await call(user, downstream.apis);
    expect(shelf.asked.filter((name) => name !== 'lock')).toEqual([]);
    const health = await downstream.health();
    expect(health).toMatchObject({ status: 'degraded' });
    expect(health.parts.at(-1)).toMatchObject({ name: 'token store', lastError: 'Error ENOTFOUND' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no keys', { keys: [], unwrap }],
    ['keys that are text', { keys: wrapped, unwrap }],
    ['no function', { keys: [{ id: 'a', wrapped }] }],
    ['an odd ID', { keys: [{ id: 'a b', wrapped }], unwrap }],
    ['what is not base64url', { keys: [{ id: 'a', wrapped: '+/=' }], unwrap }],
    ['bytes', { keys: [{ id: 'a', wrapped: secret }], unwrap }],
    ['an unknown member', { keys: [{ id: 'a', wrapped }], unwrap, vault: 'x' }],
  ])('are refused at once for %s', (_, given) => {
    expect(() => wrappedKeyRing(given as never)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
  });
});

describe('a store that fails', () => {
  it.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
  ])('and %s costs nothing but the sharing', async (_, before) => {
    shelf.before = before;
    const downstream = made.downstream({ store: sealed(shelf, ring) });
    for (const user of ['ada', 'bob', 'ada']) await call(user, downstream.apis);
    expect(shelf.asked).toEqual(['get']);
    expect(await downstream.health()).toMatchObject({ status: 'degraded' });
  });

  it('and hangs is waited for once, for 150 ms, and then left alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      shelf.before = () => new Promise(() => {});
      const downstream = made.downstream({ store: sealed(shelf, ring) });
      const first = call('ada', downstream.apis);
      await vi.waitFor(() => expect(shelf.asked).toEqual(['get']));
      await vi.advanceTimersByTimeAsync(150);
      await first;
      await call('bob', downstream.apis);
      expect(shelf.asked).toEqual(['get']);
      shelf.before = async () => {};
      await vi.advanceTimersByTimeAsync(5000);
      await call('carol', downstream.apis);
      expect(shelf.asked.slice(0, 3)).toEqual(['get', 'get', 'lock']);
      expect(await downstream.health()).toMatchObject({ status: 'up' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('while Entra fails, too, is 503 and not an error of the store', async () => {
    shelf.before = () => Promise.reject(new Error('down'));
    made.entra.fail('token', 503);
    expect(await errorOf(() => call('ada'))).toMatchObject({ code: 'downstream_unavailable' });
  });
});

describe('an entry that opens', () => {
  it.each<[string, (entry: Record<string, unknown>) => unknown]>([
    ["of another caller's token", (entry) => ({ ...entry, subject: 'of-another-token' })],
    [
      'of another tenant',
      (entry) => ({ ...entry, tokenUrl: 'https://login.microsoftonline.com/x/oauth2/v2.0/token' }),
    ],
    ['for another scope', (entry) => ({ ...entry, scope: 'api://other/All' })],
    ['of a later version', (entry) => ({ ...entry, v: 2 })],
    ['without a token', (entry) => ({ ...entry, token: '' })],
    ['without an end', (entry) => ({ ...entry, usableUntil: null })],
    ['that is not an object', () => 'eyJ'],
  ])('%s is a miss and an event, although it stands in the right place', async (_, change) => {
    const request = await made.accepted('ada');
    await process().stock.forCaller(request).json('/');
    await written();
    const [place = ''] = shelf.entries.keys();
    const entries = entriesOf(sealed(shelf, ring));
    const entry = JSON.parse((await entries?.get(place, new StoreTime())) as string);
    await entries?.set(place, JSON.stringify(change(entry)), 60_000, new StoreTime());
    await process().stock.forCaller(request).json('/');
    expect(made.forms).toHaveLength(2);
    expect(events).toMatchObject([{ problem: 'content', place }]);
  });

  it('was sealed with a key of its own place', () => {
    const infos: string[] = [];
    const sealing = {
      derive: (id: string, info: string) => {
        infos.push(`${id} ${info}`);
        return createSecretKey(secret);
      },
    } as never;
    sealEntry(sealing, 'a', 'one place', 'text');
    sealEntry(sealing, 'a', 'another place', 'text');
    expect(new Set(infos).size).toBe(2);
  });
});
