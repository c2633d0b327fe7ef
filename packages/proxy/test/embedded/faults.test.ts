import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { createGuard } from '@entra-guard/core';
import { createProxy } from '@entra-guard/proxy';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../scripts/free-port.mjs';
import { application, type Behind, behind, bytesApplication, type Started } from '../support/behind.js';

let place: Behind;
let app: Started;
afterEach(async () => {
  await place?.close();
  await app?.close();
});

/** Longer than a decision may take, and an answer to begin. */
const LONGEST_MS = 8_000;

async function get(
  port: number,
  path: string,
  headers: object,
): Promise<{ status: number; headers: IncomingMessage['headers'] }> {
  const sent = ask({ host: '127.0.0.1', port, path, agent: false, headers: { ...headers } });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'close');
  return { status: answer.statusCode ?? 0, headers: answer.headers };
}

describe('while the authority answers with', () => {
  it.each(['hang', 503, 'garbage'] as const)(
    '%s, what can not be known is a 503 in time, and reaches no application',
    async (fault) => {
      const received: string[] = [];
      app = await application((incoming, response) => {
        received.push(incoming.url ?? '');
        response.end();
      });
      place = await behind(app.port);
      const guard = createGuard({ ...place.entra.options('orders'), log: false, keys: { coolDown: '1s' } });
      const proxy = await createProxy({
        policy: place.policy,
        guard,
        listen: '127.0.0.1:0',
        admin: false,
        log: false,
      }).listen();
      const port = Number(new URL(proxy.url).port);
      const restore = place.entra.fail('metadata', fault);
      const begun = Date.now();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => get(port, '/orders/1', place.reader)),
      );
      expect(Date.now() - begun).toBeLessThan(LONGEST_MS);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      expect(answers[0]?.headers['retry-after']).toMatch(/^[0-9]+$/);
      expect(received).toEqual([]);
      // What needs no key goes on.
      expect((await get(port, '/health', place.reader)).status).toBe(200);
      restore();
      await expect
        .poll(async () => (await get(port, '/orders/1', place.reader)).status, { timeout: LONGEST_MS })
        .toBe(200);
      await proxy.close();
      await guard.close();
    },
    30_000,
  );
});

describe('while an application', () => {
  it('hangs under load, each request ends in time, and the other application is not concerned', async () => {
    app = await bytesApplication(() => {});
    const other = await application((_, response) => response.end('ok'));
    place = await behind(app.port, { upstream: { headers: 1, connections: 16 } });
    const [orders, raw] = place.policy.apps;
    place.proxy.use({
      ...place.policy,
      match: (asked) => {
        const found = place.policy.match(asked);
        return found.app?.name === 'raw' ? ({ ...found, app: { ...raw } } as never) : found;
      },
      apps: [orders, { ...raw, upstream: `http://127.0.0.1:${other.port}` }] as never,
    });
    const begun = Date.now();
    const hanging = Array.from({ length: 64 }, () => get(place.port, '/orders/1', place.reader));
    expect((await get(place.port, '/a', { Host: 'raw.contoso.example' })).status).toBe(200);
    const statuses = new Set((await Promise.all(hanging)).map(({ status }) => status));
    expect(statuses).toEqual(new Set([504]));
    expect(Date.now() - begun).toBeLessThan(20_000);
    await other.close();
  }, 40_000);

  it('ends and begins again, requests pass without a restart of the proxy', async () => {
    const port = await freePort();
    const begin = () =>
      bytesApplication(
        (socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
        port,
      );
    app = await begin();
    place = await behind(port);
    expect((await get(place.port, '/orders/1', place.reader)).status).toBe(200);
    await app.close();
    expect((await get(place.port, '/orders/1', place.reader)).status).toBe(502);
    app = await begin();
    await expect
      .poll(async () => (await get(place.port, '/orders/1', place.reader)).status, { timeout: LONGEST_MS })
      .toBe(200);
  }, 20_000);
});
