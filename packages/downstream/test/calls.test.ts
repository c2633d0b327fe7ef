import { describe, expect, it, vi } from 'vitest';
import { errorOf, type Stage, stage } from './stage.js';

const app = (made: Stage, changes?: object) => made.downstream({}, changes).apis.stock.asApp();

describe('fetch', () => {
  it.each([204, 404, 500])('gives the response of status %i as it is', async (status) => {
    const made = await stage();
    made.answer = () => new Response(status === 204 ? null : 'text', { status });
    expect((await app(made).fetch('/')).status).toBe(status);
  });

  it('hands on what the caller’s own signal aborts with', async () => {
    const made = await stage();
    const reason = new Error('gone');
    made.answer = () => new Promise(() => {});
    const fetch: typeof globalThis.fetch = async (_input, init) =>
      new Promise((_, reject) => {
        const { signal } = init as { readonly signal: AbortSignal };
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const { apis } = made.downstream({ fetch });
    const aborting = new AbortController();
    const call = apis.stock.asApp().fetch('/', { signal: aborting.signal });
    const rejected = errorOf(() => call);
    aborting.abort(reason);
    expect(await rejected).toBe(reason);
  });

  it('waits for headers for a limited time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const made = await stage();
      const fetch: typeof globalThis.fetch = (_input, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
        );
      const call = errorOf(() => made.downstream({ fetch }, { timeout: '2s' }).apis.stock.asApp().fetch('/'));
      await vi.waitFor(async () => {
        expect(vi.getTimerCount()).toBeGreaterThan(0);
      });
      await vi.advanceTimersByTimeAsync(2000);
      expect(await call).toMatchObject({
        code: 'downstream_unavailable',
        status: 503,
        message: expect.stringContaining('no answer within 2 s'),
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it('says that the other API can’t be reached, without its URL', async () => {
    const made = await stage();
    const fetch = () =>
      Promise.reject(Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' }));
    const error = await errorOf(() => made.downstream({ fetch }).apis.stock.asApp().fetch('/secret-path'));
    expect(error).toMatchObject({
      code: 'downstream_unavailable',
      status: 503,
      message: "'stock' can't be reached: TypeError ECONNREFUSED.",
    });
  });
});

describe('json', () => {
  it('gives undefined for an empty body', async () => {
    const made = await stage();
    made.answer = () => new Response(null, { status: 204 });
    expect(await app(made).json('/')).toBeUndefined();
  });

  it.each([
    ['a status that is not a success', new Response('her secret', { status: 404 }), 404],
    ['a body that is not JSON', new Response('her secret'), 200],
  ])('throws for %s, without the body', async (_, response, answeredStatus) => {
    const made = await stage();
    made.answer = () => response;
    const error = await errorOf(() => app(made).json('/'));
    expect(error).toMatchObject({ code: 'downstream_answer', status: 502, answeredStatus });
    expect(JSON.stringify([error, error.message])).not.toContain('her secret');
  });

  it('asks for JSON, unless something else was said', async () => {
    const made = await stage();
    await app(made).json('/');
    await app(made).json('/', { headers: { accept: 'application/vnd.stock+json' } });
    expect(made.received.map(({ headers }) => headers.get('accept'))).toEqual([
      'application/json',
      'application/vnd.stock+json',
    ]);
  });
});

describe('what was answered 429 or 503', () => {
  const answers = (made: Stage, status: number, retryAfter: string | undefined, times: number) => {
    made.answer = () =>
      made.received.length > times
        ? Response.json('done')
        : new Response(null, {
            status,
            headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
          });
  };
  /** Timers fire at once. */
  const quickly = async (act: () => Promise<unknown>) => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout'],
      shouldAdvanceTime: true,
      advanceTimeDelta: 500,
    });
    try {
      return await act();
    } finally {
      vi.useRealTimers();
    }
  };

  it.each([
    ['is handed on by default', undefined, 429, '1', 'GET', 1],
    ['is sent again', { attempts: 2 }, 429, '1', 'GET', 3],
    ['is sent again for a POST that was not done', { attempts: 2 }, 429, '1', 'POST', 3],
    ['is not sent again for a POST that may have been done', { attempts: 2 }, 503, '1', 'POST', 1],
    ['is not sent again without a time', { attempts: 2 }, 503, undefined, 'GET', 1],
    ['is not sent again for a longer time', { attempts: 2, maxWait: '5s' }, 429, '6', 'GET', 1],
    ['is not sent again for another status', { attempts: 2 }, 500, '1', 'GET', 1],
  ])(
    '%s',
    async (_, retry, status, retryAfter, method, sent) => {
      const made = await stage();
      answers(made, status as number, retryAfter, 5);
      const api = app(made, { retry });
      const response = (await quickly(() => api.fetch('/', { method: method as string }))) as Response;
      expect([response.status, made.received.length]).toEqual([status, sent]);
    },
    20_000,
  );
});

describe('other libraries', () => {
  it('get a credential that is bound to one caller and to the scopes of its API', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const [ada, bob] = await Promise.all(['ada', 'bob'].map((user) => made.accepted(user)));
    const scope = `api://${made.entra.options('stock').clientId}/Stock.Read`;
    const tokens = await Promise.all(
      [ada, bob].map((request) =>
        apis.stock
          .forCaller(request as object)
          .tokenCredential()
          .getToken([scope]),
      ),
    );
    expect(tokens[0]?.token).not.toBe(tokens[1]?.token);
    expect(tokens[0]?.expiresOnTimestamp).toBeGreaterThan(made.now());
    const credential = apis.stock.forCaller(ada as object).tokenCredential();
    expect(await errorOf(() => credential.getToken('https://vault.azure.net/.default'))).toMatchObject({
      code: 'configuration_invalid',
    });
    const provider = apis.stock.forCaller(ada as object).graphProvider();
    expect(await provider.getAccessToken()).toBe(tokens[0]?.token);
  });

  it('do not declare cp1 with a token that is handed out, unless that was said', async () => {
    const made = await stage();
    await app(made).token();
    await app(made, { cae: true }).token();
    expect(made.forms.map((form) => form.has('claims'))).toEqual([false, true]);
  });

  it('pass on a claims request, and nothing that is not one', async () => {
    const made = await stage();
    const claims = '{"access_token": {"nbf": {"essential": true, "value": "1"}}}';
    await app(made).tokenCredential().getToken([], { claims });
    expect(made.forms[0]?.get('claims')).toBe('{"access_token":{"nbf":{"essential":true,"value":"1"}}}');
    expect(await errorOf(() => app(made).token({ claims: 'x' }))).toMatchObject({
      code: 'configuration_invalid',
    });
  });
});
