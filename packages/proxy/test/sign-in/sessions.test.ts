import { EventEmitter, once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { type DecisionEvent, onEvent } from '@entra-guard/core';
import { memorySessions, type SessionStore } from '@entra-guard/proxy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PORTAL, type Portal, type PortalOptions, portal, TestBrowser } from '../support/portal.js';

let place: Portal;
let browser: TestBrowser;
afterEach(() => place.close());

const SESSION = '__Host-entra';
const start = async (options: PortalOptions = {}) => {
  place = await portal(options);
  browser = new TestBrowser(place);
};
/** A script of the application asks, so that nothing begins anew. */
const status = async () => (await browser.send('/pages/1')).status;
/** A store that tells what it is asked, and fails when it is told to. */
function watched(inner: SessionStore) {
  const state = {
    failing: undefined as undefined | 'throw' | 'hang',
    keys: [] as string[],
    values: new Map<string, string>(),
  };
  const act = async <T>(key: string, run: () => Promise<T>): Promise<T> => {
    state.keys.push(key);
    if (state.failing === 'throw') throw new Error('redis://user:secret@host is away');
    if (state.failing === 'hang') return new Promise(() => {});
    return run();
  };
  const store: SessionStore = {
    shared: inner.shared,
    get: (key) => act(key, () => inner.get(key)),
    set: (key, value, ttl) =>
      act(key, async () => {
        state.values.set(key, value);
        await inner.set(key, value, ttl);
      }),
    replace: (key, value, ttl) => act(key, () => inner.replace(key, value, ttl)),
    take: (key) => act(key, () => inner.take(key)),
    delete: (key) => act(key, () => inner.delete(key)),
    add: (index, member, ttl) => act(index, () => inner.add(index, member, ttl)),
    members: (index) => act(index, () => inner.members(index)),
    health: () => inner.health(),
    close: () => inner.close(),
  };
  return { state, store };
}
const watching = async (options: PortalOptions = {}) => {
  let seen: ReturnType<typeof watched> | undefined;
  await start({
    ...options,
    store: (now) => {
      seen = watched(memorySessions({ now }));
      return seen.store;
    },
  });
  return (seen as ReturnType<typeof watched>).state;
};

describe('a session', () => {
  it('ends an hour after the last request, and slides with each', async () => {
    await start();
    await browser.signIn();
    for (let count = 0; count < 4; count++) {
      place.entra.advance('50m');
      expect(await status()).toBe(200);
    }
    place.entra.advance('61m');
    expect(await status()).toBe(401);
  });

  it('ends twelve hours after the sign-in, whatever happens', async () => {
    await start();
    await browser.signIn();
    for (let count = 0; count < 14; count++) {
      place.entra.advance('50m');
      expect(await status()).toBe(200);
    }
    place.entra.advance('21m');
    expect(await status()).toBe(401);
  });

  it('has the limits of the policy', async () => {
    await start({ sessions: '{ idle: 10m, absolute: 1h }' });
    await browser.signIn();
    place.entra.advance('9m');
    expect(await status()).toBe(200);
    place.entra.advance('11m');
    expect(await status()).toBe(401);
  });

  it('gets a new token before the old one ends, and the old refresh token is not kept', async () => {
    await start({ sessions: '{ idle: 2h }' });
    await browser.signIn();
    place.entra.advance('56m');
    expect(await status()).toBe(200);
    place.entra.advance('50m');
    expect(await status()).toBe(200);
  });

  it('asks Entra once, however many requests need a new token', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    place.entra.advance('61m');
    const before = place.entra.requests.length;
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => status()));
    expect(new Set(answers)).toEqual(new Set([200]));
    const asked = place.entra.requests.slice(before).filter(({ url }) => String(url).includes('/token'));
    expect(asked).toHaveLength(1);
  }, 60_000);

  it('ends where Entra refuses a new token, and a navigation signs in again', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    place.entra.revokeSessions('ada');
    place.entra.advance('61m');
    expect(await status()).toBe(401);
    expect(browser.jar.has(SESSION)).toBe(false);
    expect((await browser.navigate('/pages/1')).status).toBe(303);
  });

  it('goes on while Entra does not answer, until its token ends, and is then a 503 and not a sign-out', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    const restore = place.entra.fail('token', 503);
    place.entra.advance('56m');
    expect(await status()).toBe(200);
    place.entra.advance('5m');
    const late = await browser.send('/pages/1');
    expect([late.status, JSON.parse(late.text).code, late.cookies]).toEqual([
      503,
      'sessions_unavailable',
      [],
    ]);
    expect(late.headers['retry-after']).toMatch(/^[0-9]+$/);
    restore();
    expect(await status()).toBe(200);
  });

  it('goes on where Entra does not say for how long its tokens are valid', async () => {
    await start({
      sessions: '{ idle: 3h }',
      fetch: (inner) => async (input, init) => {
        const answer = await inner(input, init);
        if (!String(input).endsWith('/token')) return answer;
        const { expires_in: _, ...others } = (await answer.json()) as { expires_in: number };
        return Response.json(others);
      },
    });
    await browser.signIn();
    const before = place.entra.requests.length;
    for (let count = 0; count < 3; count++) expect(await status()).toBe(200);
    expect(place.entra.requests.length).toBe(before);
    place.entra.advance('61m');
    expect(await status()).toBe(200);
  });

  it('without a refresh token ends with its token', async () => {
    await start({
      sessions: '{ idle: 3h }',
      change: (text) => {
        const [, clientId] = /clientId: ([0-9a-f-]+)/.exec(text) ?? [];
        return text.replace('signIn: {', `signIn: { scopes: [openid, '${clientId}/.default'],`);
      },
    });
    await browser.signIn();
    expect(await status()).toBe(200);
    place.entra.advance('59m');
    expect(await status()).toBe(200);
    place.entra.advance('2m');
    expect(await status()).toBe(401);
  });

  it('that was ended does not come back by a renewal that succeeds late', async () => {
    const at = new EventEmitter();
    const asked = once(at, 'asked');
    const held = once(at, 'answer');
    let holds = false;
    const state = await watching({
      sessions: '{ idle: 3h }',
      fetch: (inner) => async (input, init) => {
        const answer = await inner(input, init);
        if (holds && String(input).endsWith('/token')) {
          at.emit('asked');
          await held;
        }
        return answer;
      },
    });
    await browser.signIn();
    const id = browser.jar.get(SESSION) ?? '';
    place.entra.advance('61m');
    holds = true;
    const waiting = status();
    await asked;
    await browser.send('/.entra/sign-out', { method: 'POST', headers: { Origin: PORTAL } });
    at.emit('answer');
    expect(await waiting).toBe(401);
    for (const key of state.values.keys()) expect(await place.store.get(key)).toBeUndefined();
    browser.jar.set(SESSION, id);
    expect(await status()).toBe(401);
  });

  it('that was ended while its token is renewed does not come back', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    place.entra.advance('61m');
    const restore = place.entra.fail('token', 'hang', { times: 1 });
    const waiting = status();
    const id = browser.jar.get(SESSION);
    await browser.send('/.entra/sign-out', { method: 'POST', headers: { Origin: PORTAL } });
    restore();
    expect([401, 503]).toContain(await waiting);
    browser.jar.set(SESSION, id ?? '');
    expect(await status()).toBe(401);
  }, 20_000);
});

describe('a person whose access is revoked', () => {
  it('is out with the next request, and a ban keeps them out after the next sign-in', async () => {
    await start();
    await browser.signIn();
    await place.revocations.revoke(
      { user: place.entra.objectIdOf('ada'), tenantId: place.entra.tenantId },
      { because: 'left' },
    );
    expect(await status()).toBe(401);
    const id = browser.jar.get(SESSION);
    const again = await browser.navigate('/pages/1');
    expect(again.status).toBe(303);
    expect(browser.jar.get(SESSION)).toBeUndefined();
    const back = await browser.atEntra(again.location);
    const { status: refused, text } = await browser.navigate(`/.entra/callback${back.search}`);
    expect(refused).toBe(403);
    expect(text).toContain('Your access was revoked.');
    browser.jar.set(SESSION, id ?? '');
    expect(await status()).toBe(401);
  });

  it('is cut off from a stream that is open', async () => {
    await start();
    await browser.signIn();
    const { open, ended } = await streaming();
    await place.revocations.revoke(
      { user: place.entra.objectIdOf('ada'), tenantId: place.entra.tenantId },
      { because: 'left' },
    );
    await ended;
    expect(open.destroyed).toBe(true);
  });
});

/** Opens an answer that does not end, as the session's browser. */
async function streaming() {
  const sent = ask({
    host: '127.0.0.1',
    port: place.port,
    path: '/pages/1',
    agent: false,
    headers: { Host: 'portal.contoso.example', Cookie: `${SESSION}=${browser.jar.get(SESSION)}` },
  });
  sent.on('error', () => {});
  place.app.server.removeAllListeners('request');
  place.app.server.on('request', (_: IncomingMessage, response: import('node:http').ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
    response.write('first');
  });
  sent.end();
  const [open] = (await once(sent, 'response')) as [IncomingMessage];
  await once(open, 'data');
  open.on('error', () => {});
  open.resume();
  return { open, ended: new Promise((resolve) => open.once('close', resolve)) };
}

describe('a person who has to sign in again', () => {
  const cutOff = (target: object) =>
    place.revocations.revoke({ ...target, tenantId: place.entra.tenantId } as never, {
      because: 'lost a laptop',
      issuedBefore: new Date(place.entra.now()),
    });

  it.each(['56m', '66m'] as const)(
    'does not get around it by a token that is renewed after %s',
    async (wait) => {
      const state = await watching({ sessions: '{ idle: 3h }' });
      await browser.signIn();
      place.entra.advance('1m');
      await cutOff({ user: place.entra.objectIdOf('ada') });
      place.entra.advance(wait);
      expect(await status()).toBe(401);
      for (const key of state.values.keys()) expect(await place.store.get(key)).toBeUndefined();
      expect(browser.jar.has(SESSION)).toBe(false);
      await browser.signIn();
      expect(await status()).toBe(200);
      place.entra.advance('61m');
      expect(await status()).toBe(200);
    },
  );

  it('is another one: sessions of other people are renewed', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    place.entra.advance('1m');
    await cutOff({ user: place.entra.objectIdOf('bob') });
    place.entra.advance('66m');
    expect(await status()).toBe(200);
  }, 30_000);

  it('can not wait until the revocation is forgotten: a session may not be idle for longer', async () => {
    await expect(portal({ sessions: '{ idle: 29h, absolute: 30d }' })).rejects.toThrow(
      'sessions.idle is 29h, and the revocations of the guard are forgotten after 28h.',
    );
    await start({ sessions: '{ idle: 28h, absolute: 30d }' });
  });

  it('is not let in while it is not known', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    place.entra.advance('1m');
    await cutOff({ user: place.entra.objectIdOf('ada') });
    place.entra.advance('66m');
    const find = vi.spyOn(place.revocations, 'find').mockImplementation(() => {
      throw new Error('away');
    });
    expect(await status()).toBe(503);
    find.mockRestore();
    expect(await status()).toBe(401);
  });
});

describe('signing out', () => {
  const signOut = () =>
    browser.send('/.entra/sign-out', { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } });

  it('forgets the session and its tokens, and leads to the sign-out of Entra', async () => {
    const state = await watching();
    await browser.signIn();
    const id = browser.jar.get(SESSION) ?? '';
    const page = await browser.navigate('/.entra/sign-out');
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('method="post"')]);
    const { status: led, location, cookies } = await signOut();
    expect(led).toBe(303);
    const url = new URL(location ?? '');
    expect(url.pathname).toMatch(/\/logout$/);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${PORTAL}/.entra/sign-out`);
    expect(cookies[0]).toMatch(/Max-Age=0/);
    for (const key of state.values.keys()) expect(await place.store.get(key)).toBeUndefined();
    browser.jar.set(SESSION, id);
    expect(await status()).toBe(401);
    expect((await browser.navigate('/.entra/sign-out')).text).toContain('You are signed out');
  });

  it('may lead to Entra by the page of a proxy that has not asked Entra for anything', async () => {
    await start();
    await browser.signIn();
    place.proxy.use(place.policy);
    const page = await browser.navigate('/.entra/sign-out');
    const { location } = await signOut();
    const [, allowed] = /form-action ([^;]+)/.exec(String(page.headers['content-security-policy'])) ?? [];
    expect(allowed?.split(' ')).toContain(new URL(location ?? '').origin);
  });

  it('works while Entra does not answer', async () => {
    await start();
    await browser.signIn();
    const restore = place.entra.fail('metadata', 'hang');
    const { status: led } = await signOut();
    expect(led).toBe(303);
    restore();
    expect(await status()).toBe(401);
  });

  it('of Entra ends the sessions that came from there, without a cookie', async () => {
    await start({ change: (text) => text.replace('    signIn:', '    passToken: true\n    signIn:') });
    await browser.signIn();
    expect(await status()).toBe(200);
    const [, payload = ''] = String(place.received.at(-1)?.headers.authorization).split('.');
    const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string };
    const second = new TestBrowser(place);
    await second.signIn('/pages/1', 'bob');
    const outside = new TestBrowser(place);
    const answer = await outside.navigate(`/.entra/front-channel-logout?sid=${encodeURIComponent(sid)}`);
    expect(answer.status).toBe(200);
    expect(await status()).toBe(401);
    expect((await second.send('/pages/1')).status).toBe(200);
    expect((await outside.navigate('/.entra/front-channel-logout?sid=unknown')).status).toBe(200);
    expect((await outside.navigate('/.entra/front-channel-logout')).status).toBe(200);
  });

  it.each([
    ['at once', false],
    ['that is watched', true],
  ])(
    'cuts off a stream that is open: %s',
    async (_, isWatched) => {
      const state = await watching();
      await browser.signIn();
      const { ended, open } = await streaming();
      const reads = () => state.keys.filter((key) => key.startsWith('session:')).length;
      const before = reads();
      // A stream is watched from its second second on. The session is looked for once more then.
      if (isWatched) await vi.waitFor(() => expect(reads()).toBeGreaterThan(before), { timeout: 5_000 });
      await signOut();
      await ended;
      expect(open.destroyed).toBe(true);
    },
    15_000,
  );
});

describe('a requirement that a session lacks', () => {
  it('of an authentication context leads to a stronger sign-in, and then passes', async () => {
    await start();
    await browser.signIn();
    const before = browser.jar.get(SESSION);
    const asked = await browser.navigate('/admin/1');
    expect(asked.status).toBe(303);
    const claims = JSON.parse(new URL(asked.location ?? '').searchParams.get('claims') ?? '{}');
    expect(claims).toEqual({ access_token: { acrs: { essential: true, value: 'c1' } } });
    const script = await browser.send('/admin/1');
    expect([script.status, script.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('insufficient_claims'),
    ]);
    const back = await browser.atEntra(asked.location);
    expect((await browser.navigate(`/.entra/callback${back.search}`)).location).toBe('/admin/1');
    expect(browser.jar.get(SESSION)).not.toBe(before);
    expect((await browser.navigate('/admin/1')).status).toBe(200);
  });

  it('of a stronger sign-in does not sign out what was asked for meanwhile', async () => {
    await start();
    await browser.signIn();
    const other = new TestBrowser(place);
    other.jar.set(SESSION, browser.jar.get(SESSION) ?? '');
    const asked = await browser.navigate('/admin/1');
    const back = await browser.atEntra(asked.location);
    await browser.navigate(`/.entra/callback${back.search}`);
    // A script of another tab has sent it with the cookie that was there before.
    const late = await other.send('/pages/1');
    expect([late.status, late.cookies]).toEqual([200, []]);
    expect((await other.send('/admin/1')).status).toBe(401);
    place.entra.advance('31s');
    expect((await other.send('/pages/1')).status).toBe(401);
    expect((await browser.navigate('/admin/1')).status).toBe(200);
  });

  it('of a stronger sign-in cuts off the streams of the session before', async () => {
    await start();
    await browser.signIn();
    const { ended, open } = await streaming();
    const asked = await browser.navigate('/admin/1');
    const back = await browser.atEntra(asked.location);
    await browser.navigate(`/.entra/callback${back.search}`);
    await ended;
    expect(open.destroyed).toBe(true);
  }, 15_000);

  it('that Entra does not fulfil ends in a page, and not in a circle', async () => {
    await start();
    await browser.signIn();
    const asked = await browser.navigate('/admin/1');
    const url = new URL(asked.location ?? '');
    url.searchParams.delete('claims');
    const back = await browser.atEntra(url.href);
    const { status: refused, text } = await browser.navigate(`/.entra/callback${back.search}`);
    expect([refused, text]).toEqual([403, expect.stringContaining('A stronger sign-in is needed')]);
    expect(await status()).toBe(200);
  });

  it('of a recent sign-in leads to one', async () => {
    await start({ sessions: '{ idle: 3h }' });
    await browser.signIn();
    place.entra.advance('20m');
    const asked = await browser.navigate('/fresh/1');
    expect([asked.status, new URL(asked.location ?? '').searchParams.get('prompt')]).toEqual([303, 'login']);
  });

  it('of a permission is a page for people, and a refusal for scripts', async () => {
    await start({ change: (text) => text });
    await browser.signIn();
    const page = await browser.navigate('/unknown');
    expect(page.status).toBe(403);
    const script = await browser.send('/unknown');
    expect(JSON.parse(script.text).code).toBe('no_requirement');
  });
});

describe('a store', () => {
  it('holds nothing that it can read, and nothing that is of use in another place', async () => {
    const state = await watching();
    await browser.signIn();
    const other = new TestBrowser(place);
    await other.signIn('/pages/1', 'bob');
    const sessions = [...state.values].filter(([key]) => key.startsWith('session:'));
    expect(sessions).toHaveLength(2);
    for (const [key, value] of sessions) {
      expect(value).not.toMatch(/eyJ/);
      expect(Buffer.from(value, 'base64url').toString('latin1')).not.toMatch(/accessToken|eyJ/);
      expect(key).not.toContain(browser.jar.get(SESSION));
    }
    const [[one = ''] = [], [, two = ''] = []] = sessions;
    await place.store.set(one, two, 1_000_000);
    const answers = [await status(), (await other.send('/pages/1')).status];
    expect(new Set(answers)).toEqual(new Set([200, 401]));
  });

  it.each(['throw', 'hang'] as const)(
    'that fails (%s) lets no browser in, in time, and says nothing of where it is',
    async (how) => {
      const state = await watching();
      await browser.signIn();
      state.failing = how;
      const refused = await browser.send('/pages/1');
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toMatch(/^[0-9]+$/);
      expect(refused.text).not.toContain('secret');
      expect(refused.cookies).toEqual([]);
      expect((await browser.navigate('/.entra/sign-in')).status).toBe(503);
      expect((await browser.navigate('/open/1')).status).toBe(200);
      state.failing = undefined;
      expect(await status()).toBe(200);
    },
    30_000,
  );

  it('that fails is told by /readyz, which stays ready for callers who bring a token', async () => {
    const readiness = async () => {
      const answer = await fetch(`${place.proxy.adminUrl}/readyz`);
      return [answer.status, await answer.json()];
    };
    let status: 'up' | 'down' = 'up';
    await start({
      store: (now) => ({
        ...memorySessions({ now }),
        health: () => ({ part: 'sessions', status, message: 'The store is away.' }),
      }),
    });
    expect(await readiness()).toEqual([200, expect.objectContaining({ status: 'up' })]);
    status = 'down';
    expect(await readiness()).toEqual([
      200,
      { status: 'degraded', message: expect.stringContaining('Sessions: The store is away.') },
    ]);
    place.proxy.use(place.policy);
    expect(await readiness()).toMatchObject([200, { status: 'degraded' }]);
  });

  it('that is shared needs keys, and what was sealed with others counts as ended', async () => {
    const shared = (now: () => number) => ({ ...memorySessions({ now }), shared: true });
    await expect(portal({ store: shared, sessions: "{ store: 'redis://127.0.0.1' }" })).rejects.toThrow(
      /sessions has no keys/,
    );
    await start({
      store: shared,
      sessions: `{ store: "redis://127.0.0.1", keys: [{ id: one, secret: "\${SESSION_KEY}" }] }`,
    });
    await browser.signIn();
    expect(await status()).toBe(200);
    const text = (id: string) =>
      `{ store: "redis://127.0.0.1", keys: [{ id: ${id}, secret: "\${SESSION_KEY}" }] }`;
    const { readPolicy } = await import('@entra-guard/proxy/policy');
    const { portalText } = await import('../support/portal.js');
    const given = place.entra.options('portal');
    const env = { PORTAL_SECRET: 'portal-secret', SESSION_KEY: Buffer.alloc(32, 9).toString('base64') };
    place.proxy.use(
      readPolicy(portalText(place.entra.tenantId, given.clientId, place.app.port, text('two')), { env }),
    );
    expect(await status()).toBe(401);
  });
});

describe('the memory of this process', () => {
  const minutes = (count: number) => count * 60_000;

  it('has room for sessions, however many sign-ins begin', async () => {
    const store = memorySessions({ maxEntries: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store.set(`attempt:${name}`, name, minutes(10));
    for (const name of ['a', 'b', 'c']) await store.set(`session:${name}`, name, minutes(60));
    await expect(store.set('session:d', 'd', minutes(60))).rejects.toMatchObject({ part: 'sessions' });
    expect(store.health()).toMatchObject({ status: 'degraded', entries: 3 });
    // The latest sign-ins can still be finished.
    const begun = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => store.take(`attempt:${name}`)));
    expect(begun).toEqual([undefined, undefined, 'c', 'd', 'e']);
    expect(await store.get('session:a')).toBe('a');
  });

  it('makes room by what has ended', async () => {
    let now = 0;
    const store = memorySessions({ maxEntries: 2, now: () => now });
    await store.set('session:a', 'a', minutes(60));
    await store.add('sid:a', 'a', minutes(1));
    now = minutes(2);
    await store.set('session:b', 'b', minutes(60));
    expect(await store.get('session:a')).toBe('a');
    expect(await store.members('sid:a')).toEqual([]);
  });
});

describe('what is recorded', () => {
  it('is one decision for each request, with the person and the rule', async () => {
    await start();
    await browser.signIn();
    const events: DecisionEvent[] = [];
    const stop = onEvent((event) => events.push(event), { types: ['decision'] });
    await browser.navigate('/pages/1');
    await browser.send('/pages/1', { method: 'POST' });
    stop();
    expect(events.map(({ outcome, code, handler }) => [outcome, code, handler])).toEqual([
      ['allow', undefined, '/pages/**'],
      ['deny', 'cross_site_request', '/pages/**'],
    ]);
    expect(JSON.stringify(events)).not.toContain(browser.jar.get(SESSION));
  });
});
