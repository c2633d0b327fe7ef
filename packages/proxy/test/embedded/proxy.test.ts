import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { type DecisionEvent, onEvent } from '@entra-guard/core';
import { createProxy, type ProxyOptions } from '@entra-guard/proxy';
import { readPolicy } from '@entra-guard/proxy/policy';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../scripts/free-port.mjs';
import { application, type Behind, behind, type Started } from '../support/behind.js';
import { HOST, policyText } from '../support/policy-text.js';

const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
const policyWith = (change: (text: string) => string = (text) => text) =>
  readPolicy(change(policyText('http://localhost:1/tenant', CLIENT, 1)), { env: {} });

let place: Behind;
let app: Started;
afterEach(async () => {
  await place?.close();
  await app?.close();
});

const starting = async (options: Partial<ProxyOptions> = {}, answer = 'ok') => {
  app = await application((_, response) => response.end(answer));
  place = await behind(app.port, options);
};
const get = async (path: string, headers: Record<string, string> = place.reader) => {
  const sent = ask({ host: '127.0.0.1', port: place.port, path, headers });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, text };
};
const admin = async (path: string) => {
  const answer = await fetch(`${place.proxy.adminUrl}${path}`);
  return { status: answer.status, text: await answer.text() };
};

describe('options', () => {
  it.each<[Partial<ProxyOptions> & Record<string, unknown>, RegExp]>([
    [{ policy: {} as never }, /policy of createProxy\(...\) is not a policy/],
    [{ listen: 'here' }, /listen is not an address/],
    [
      { listen: 'unix:/tmp/x.sock', policy: policyWith((text) => text.replace(/assertion:.*\n/, '')) },
      /publicOrigin is not given/,
    ],
    [{ upstream: { connections: 0 } }, /upstream\.connections is 0/],
    [{ upstream: { headers: '2h' } }, /upstream\.headers/],
    [{ upstream: { idel: 1 } as never }, /Did you mean 'idle'/],
    [{ listen: '127.0.0.1:1' }, /upstream 127\.0\.0\.1:1, where the proxy itself listens \(listen\)/],
    [{ admin: '127.0.0.1:1' }, /where the proxy itself listens \(admin\).*--admin/],
    [{ dialect: 'nginx' }, /no option of createProxy\(...\) called 'dialect'/],
    [
      { policy: policyWith((text) => text.replace(/ {4}upstream: .*\n/, '')) },
      /apps\.orders has no upstream/,
    ],
  ])('are refused with what to do: %j', (options, message) => {
    expect(() => createProxy({ policy: policyWith(), ...options })).toThrow(message);
  });

  it('are for one listener', async () => {
    const proxy = createProxy({ policy: policyWith(), listen: '127.0.0.1:0', admin: false, log: false });
    const running = await proxy.listen();
    await expect(proxy.listen()).rejects.toThrow(/listens already/);
    await running.close();
    await running.close();
  });

  it('name an address that is taken', async () => {
    await starting();
    const listen = `127.0.0.1:${place.port}`;
    await expect(createProxy({ policy: policyWith(), listen, log: false }).listen()).rejects.toThrow(
      /EADDRINUSE/,
    );
  });
});

describe('another policy', () => {
  it('decides from then on, and streams that the earlier one let pass go on', async () => {
    let finish = (): void => {};
    app = await application((received, response) => {
      if (received.url !== '/orders/slow') return void response.end('ok');
      response.write('first');
      finish = () => response.end(' last');
    });
    place = await behind(app.port, { listen: `127.0.0.1:${await freePort()}` });
    const sent = ask({ host: '127.0.0.1', port: place.port, path: '/orders/slow', headers: place.reader });
    sent.end();
    const [slow] = (await once(sent, 'response')) as [IncomingMessage];
    await once(slow, 'data');
    const [first, ...others] = place.policy.apps;
    const text = policyText('http://localhost:1/tenant', place.entra.options('orders').clientId, app.port);
    place.proxy.use(readPolicy(text.replace('path: /orders/**', 'path: /other/**'), { env: {} }));
    expect((await get('/orders/1')).status).toBe(403);
    expect((await get('/other/1')).status).toBe(200);
    finish();
    let rest = '';
    for await (const chunk of slow) rest += chunk;
    expect(rest).toBe(' last');
    expect([first?.name, others.length]).toEqual(['orders', 1]);
  });

  it('that can not be used leaves the earlier one in place, and health says so', async () => {
    await starting();
    const without = policyWith((text) => text.replace(/ {4}upstream: .*\n/, ''));
    expect(() => place.proxy.use(without)).toThrow(/has no upstream/);
    expect((await get('/orders/1')).status).toBe(200);
    expect(JSON.parse((await admin('/healthz')).text)).toMatchObject({
      status: 'degraded',
      policy: { problem: /./ },
    });
    place.proxy.use(place.policy);
    expect(JSON.parse((await admin('/healthz')).text)).toMatchObject({ status: 'up' });
  });
});

describe('monitoring', () => {
  it('sees decisions, how applications answer, and nothing of callers', async () => {
    await starting();
    await get('/orders/1');
    await get('/orders/1', { Host: HOST });
    await app.close();
    await get('/orders/1');
    const { text } = await admin('/metrics');
    expect(text).toMatch(
      /entra_guard_decisions_total\{app="orders",rule="\/orders\/\*\*",outcome="allow",code=""\} 2/,
    );
    expect(text).toMatch(/outcome="deny",code="credentials_missing"\} 1/);
    expect(text).toMatch(/entra_guard_upstream_seconds_count\{app="orders"\} 1/);
    expect(text).toMatch(/entra_guard_upstream_failures_total\{app="orders",reason="unreachable"\} 1/);
    expect(text).toMatch(/entra_guard_open_requests 0/);
    expect(text).not.toContain(place.entra.user('ada', { scp: 'Orders.Read' }).claims.oid);
    expect((await admin('/readyz')).status).toBe(200);
    app = await application((_, response) => response.end());
  });
});

describe('the end', () => {
  it('waits for what is running, and takes nothing new', async () => {
    let finish = (): void => {};
    app = await application((_, response) => {
      response.write('first');
      finish = () => response.end(' last');
    });
    place = await behind(app.port);
    const sent = ask({ host: '127.0.0.1', port: place.port, path: '/orders/1', headers: place.reader });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    const closed = place.proxy.close();
    await expect(get('/orders/1')).rejects.toThrow(/ECONNREFUSED/);
    finish();
    let rest = '';
    for await (const chunk of answer) rest += chunk;
    expect(rest).toBe(' last');
    await closed;
  });
});

describe('a rule that is watched before it is tightened', () => {
  const watched = (until: string) => (text: string) =>
    text.replace(
      "path: /orders/**, methods: [GET, POST], require: scopes('Orders.Read')",
      `path: /orders/**, methods: [GET, POST], require: "tighten(scopes('Orders.Read'), scopes('Orders.Write'), { until: '${until}' })"`,
    );

  it('lets pass until its end, and says who would be refused', async () => {
    await starting();
    const { clientId } = place.entra.options('orders');
    const text = policyText('http://localhost:1/tenant', clientId, app.port);
    place.proxy.use(readPolicy(watched('2999-01-01')(text), { env: {} }));
    const events: DecisionEvent[] = [];
    const stop = onEvent((event) => events.push(event), { types: ['decision'] });
    expect((await get('/orders/1')).status).toBe(200);
    place.proxy.use(readPolicy(watched('2020-01-01')(text), { env: {} }));
    expect((await get('/orders/1')).status).toBe(403);
    stop();
    expect(events.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['allow', undefined],
      ['deny', 'scope_missing'],
    ]);
    expect(JSON.stringify(events[0])).toContain('scope_missing');
  });
});
