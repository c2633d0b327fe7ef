import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchJson } from '../../../src/keys/documents/fetch-json.js';

const url = 'https://login.microsoftonline.com/common/discovery/keys';
const limits = { timeoutMs: 5000, maxBytes: 20 };
const parts = ({ status, headers, body }: Response) => ({ status, headers, body });
const open = new AbortController().signal;
const answering =
  (make: () => Response): typeof globalThis.fetch =>
  async () =>
    make();

afterEach(() => {
  vi.useRealTimers();
});

describe('what is asked', () => {
  it('JSON, without redirects, and with a signal that ends it', async () => {
    let init: RequestInit | undefined;
    const fetch: typeof globalThis.fetch = async (_, given) => {
      init = given;
      return Response.json({});
    };
    await fetchJson(url, fetch, limits, open);
    expect(init).toMatchObject({ redirect: 'error', headers: { accept: 'application/json' } });
    // What is still open of the exchange, such as a body that is not read, ends with it.
    expect(init?.signal?.aborted).toBe(true);
  });
});

describe('an answer', () => {
  it.each<[string, () => Response, object]>([
    ['another status', () => new Response('', { status: 404 }), { message: 'status 404', status: 404 }],
    ['another status, no body', () => new Response(null, { status: 404 }), { message: 'status 404' }],
    [
      'not a JSON object',
      () => new Response('[]'),
      { message: 'an answer that is not a JSON object', status: 200 },
    ],
    ['no body', () => new Response(null), { message: 'an empty answer', status: 200 }],
    [
      'a byte too many',
      () => new Response(`{"a":"${'x'.repeat(13)}"}`),
      { message: 'an answer of more than 20 bytes', status: 200 },
    ],
    [
      'an error with its cause one level down',
      () => {
        throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
      },
      { message: 'fetch failed: ECONNREFUSED', status: undefined, cause: expect.any(TypeError) },
    ],
    [
      'an error whose cause is none',
      () => {
        throw new TypeError('fetch failed', { cause: 'ECONNREFUSED' });
      },
      { message: 'fetch failed' },
    ],
    [
      'no error at all',
      () => {
        throw 'oops';
      },
      { message: 'the fetch function threw a value that is not an Error', cause: 'oops' },
    ],
  ])('that is no good is told of by what it was: %s', async (_, make, failure) => {
    await expect(fetchJson(url, answering(make), limits, open)).rejects.toMatchObject({
      name: 'FetchFailure',
      ...failure,
    });
  });

  const stream = () => Readable.from([Buffer.from('{}')]);
  const headers = new Headers();

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'gave undefined instead of a web Response'],
    ['null', null, 'gave null instead'],
    ['text', '{"keys":[]}', 'gave a string of 11 characters instead'],
    ['the parsed answer', { keys: [] }, 'gave an object without a numeric status'],
    ['what axios gives', { status: 200, headers: {}, data: {} }, 'whose headers have no get()'],
    ['headers that are null', { status: 200, headers: null, body: null }, 'whose headers have no get()'],
    ['what node-fetch gives', { status: 200, headers, body: stream() }, 'whose body is not a web stream'],
    ['what node-fetch gives for an error', { status: 503, headers, body: stream() }, 'not a web stream'],
    ['what a polyfill gives', { status: 200, headers, json: async () => ({}) }, 'not a web stream'],
  ])('that is not a web Response is told of as what it is: %s', async (_, given, sentence) => {
    const fetch = (async () => given) as typeof globalThis.fetch;
    await expect(fetchJson(url, fetch, limits, open)).rejects.toMatchObject({
      name: 'FetchFailure',
      message: expect.stringContaining(sentence),
      hint: expect.stringContaining('The option fetch has to give a web Response'),
    });
  });

  it.each<[string, () => Promise<Response>]>([
    [
      'another realm',
      async () => runInNewContext('({ status, headers, body })', { ...parts(Response.json({ a: 1 })) }),
    ],
  ])('of %s is as good as the global one', async (_, fetch) => {
    expect(await fetchJson(url, fetch, limits, open)).toEqual({ a: 1 });
  });

  it('may fail with an error of another realm', async () => {
    const fetch = () =>
      runInNewContext("Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }))");
    await expect(fetchJson(url, fetch, limits, open)).rejects.toThrow('fetch failed: ECONNREFUSED');
  });

  it('may be as large as the limit says, in however many pieces', async () => {
    const text = `{"a":"${'x'.repeat(12)}"}`;
    expect(text).toHaveLength(limits.maxBytes);
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const character of text) controller.enqueue(Buffer.from(character));
        controller.close();
      },
    });
    expect(
      await fetchJson(
        url,
        answering(() => new Response(pieces)),
        limits,
        open,
      ),
    ).toEqual(JSON.parse(text));
  });

  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['0', 0],
    ['120', 120],
    ['999999', 999_999],
    ['1000000', undefined],
    ['1.5', undefined],
    ['-1', undefined],
    ['120 s', undefined],
    ['in 120', undefined],
    ['', undefined],
    ['Tue, 22 Sep 2026 10:00:00 GMT', undefined],
  ])('asks for a pause in seconds: Retry-After %s', async (header, retryAfter) => {
    const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header };
    const fetch = answering(() => new Response('', { status: 503, headers }));
    const failure: object = await fetchJson(url, fetch, limits, open).catch((error) => error);
    expect(failure).toMatchObject({ status: 503, retryAfter });
    expect(failure).not.toHaveProperty('cause');
  });
});

describe('an exchange leaves nothing behind', () => {
  it.each<[string, typeof globalThis.fetch]>([
    ['that succeeds', answering(() => Response.json({}))],
    ['that fails', answering(() => new Response('', { status: 500 }))],
  ])('%s', async (_, fetch) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closing = new AbortController();
    await fetchJson(url, fetch, limits, closing.signal).catch(() => {});
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
  });

  it('that has no waiter any more: its fetch is told to stop', async () => {
    const closing = new AbortController();
    let signal: AbortSignal | null | undefined;
    const deaf: typeof globalThis.fetch = (_, init) => {
      signal = init?.signal;
      return new Promise(() => {});
    };
    const exchange = fetchJson(url, deaf, limits, closing.signal);
    closing.abort();
    await expect(exchange).rejects.toThrow('the validator was closed');
    expect(signal?.aborted).toBe(true);
  });
});
