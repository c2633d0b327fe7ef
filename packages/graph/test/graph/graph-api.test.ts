import { UnavailableError } from '@entra-guard/core';
import { describe, expect, it, vi } from 'vitest';
import { overApi, overUrl } from '../../src/graph/bound-graph.js';
import { GraphApi } from '../../src/graph/graph-api.js';
import { oneLine, reasonOf } from '../../src/graph/graph-failure.js';

const BASE = 'https://graph.microsoft.com/v1.0';
const NOW = Date.parse('2026-12-01T00:00:00Z');

function apiOver(answer: (url: string, init: RequestInit) => Promise<Response>) {
  const fetch = ((url: string, init: RequestInit) => answer(url, init)) as typeof globalThis.fetch;
  return new GraphApi(overUrl({ url: BASE, getToken: async () => 'of-the-app', fetch }), () => NOW);
}

describe('requests to Microsoft Graph', () => {
  it('go below the base URL with the token, and follow no redirect', async () => {
    const asked: [string, RequestInit][] = [];
    const api = apiOver(async (url, init) => {
      asked.push([url, init]);
      return Response.json({ ok: true });
    });
    expect(await api.ask('/users')).toEqual({ status: 200, body: { ok: true }, code: undefined });
    expect(await api.ask('/subscriptions', { method: 'POST', body: { a: 1 } })).toMatchObject({
      status: 200,
    });
    expect(asked.map(([url]) => url)).toEqual([`${BASE}/users`, `${BASE}/subscriptions`]);
    expect(asked[0]?.[1]).toMatchObject({
      method: 'GET',
      redirect: 'error',
      headers: { authorization: 'Bearer of-the-app', accept: 'application/json' },
      signal: expect.any(AbortSignal),
    });
    expect(asked[1]?.[1]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('take 204 without a body, and a refusal with its code', async () => {
    const answers = [
      new Response(null, { status: 204 }),
      Response.json({ error: { code: 'X' } }, { status: 404 }),
    ];
    const api = apiOver(async () => answers.shift() as Response);
    expect(await api.ask('/x', { method: 'DELETE' })).toEqual({ status: 204, body: {}, code: undefined });
    expect(await api.ask('/x')).toMatchObject({ status: 404, code: 'X' });
  });

  it.each([
    ['seconds', '7', 7000],
    ['a date', 'Tue, 01 Dec 2026 00:00:09 GMT', 9000],
    ['a date that is over', 'Tue, 01 Dec 2026 00:00:00 GMT', 0],
    ['years', '999999999', 3_600_000],
    ['something else', 'soon', undefined],
  ])('read Retry-After: %s', async (_, value, expected) => {
    const api = apiOver(async () => new Response('{}', { status: 503, headers: { 'retry-after': value } }));
    await expect(api.ask('/x')).rejects.toMatchObject({ status: 503, retryAfter: expected });
  });

  it('end after ten seconds, also if the answer never ends or nothing listens to the signal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const asking = [
      apiOver(() => new Promise(() => {})).ask('/x'),
      apiOver(async () => new Response(new ReadableStream({}))).ask('/x'),
    ].map((one) =>
      expect(one).rejects.toThrow('Microsoft Graph could not be asked: it took longer than 10 s'),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(asking);
    vi.useRealTimers();
  });

  it('fail once it is closed', async () => {
    const api = apiOver(async () => Response.json({}));
    api.close();
    await expect(api.ask('/x')).rejects.toThrow('the feed was stopped');
  });

  it('need a token', async () => {
    const fetch = (async () => Response.json({})) as typeof globalThis.fetch;
    const api = new GraphApi(
      overUrl({ url: BASE, getToken: async () => undefined as never, fetch }),
      () => NOW,
    );
    await expect(api.ask('/x')).rejects.toThrow('getToken() gave undefined');
  });
});

describe('over an API that has its own tokens', () => {
  const asked: string[] = [];
  const api = new GraphApi(
    overApi({
      fetch: async (path) => {
        asked.push(path);
        return Response.json({});
      },
    }),
    () => NOW,
  );

  it('paths are below its base path, also those of links', async () => {
    await api.ask('/users');
    expect(asked).toEqual(['/users']);
    expect(api.pathOf('https://anywhere.example/v1.0/users/delta?$deltatoken=x')).toBe(
      '/users/delta?$deltatoken=x',
    );
    expect(() => api.pathOf('https://anywhere.example/v1.0/me')).toThrow('outside of its base URL');
    expect(() => api.pathOf('nowhere')).toThrow('is not a URL');
  });
});

it('waits as long as an API asks that gets no token', async () => {
  const retryAfter = 30;
  const api = new GraphApi(
    overApi({
      fetch: async () => {
        throw new UnavailableError({ part: 'downstream', message: 'No token.', hint: 'Wait.', retryAfter });
      },
    }),
    () => NOW,
  );
  await expect(api.ask('/x')).rejects.toMatchObject({
    retryAfter: 30_000,
    message: expect.stringContaining('No token.'),
  });
});

describe('reasons', () => {
  it.each<[unknown, string]>([
    [new Error('a', { cause: new Error('b') }), 'a (b)'],
    [new Error('a b', { cause: new Error('b') }), 'a b'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [new Error('a\nb\u202e'), 'a b '],
  ])('are one line: %s', (reason, line) => {
    expect(reasonOf(reason)).toBe(line);
  });

  it('are bounded', () => {
    expect(oneLine('x'.repeat(300))).toHaveLength(201);
  });
});
