import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createGuard } from '@entra-guard/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { frontOf, HOST, type ServerPlace } from '../support/front.js';
import { type ServerFront, whyNot } from '../support/front-server.js';
import { type RawAnswer, request, sendRaw } from '../support/raw-client.js';

/** Longer than any server waits for the service, twice. */
const LONGEST_MS = 15_000;

describe.each<ServerFront>(['nginx', 'haproxy', 'caddy'])('in front: %s', (front) => {
  const missing = whyNot(front);
  const title = missing === undefined ? 'when something fails' : `when something fails (skipped: ${missing})`;
  describe.skipIf(missing !== undefined)(title, () => {
    let place: ServerPlace;
    let bytes: string;
    beforeAll(async () => {
      place = await frontOf(front);
      bytes = request('GET /orders/42', [['Host', HOST], bearer()]);
    }, 60_000);
    afterAll(() => place?.close());
    beforeEach(() => {
      place.upstream.received.length = 0;
    });

    const bearer = () =>
      ['Authorization', `Bearer ${place.entra.user('ada', { scp: 'Orders.Read' }).token}`] as const;

    /** Expects a refusal that says that it can't be known, in time, and that the application received nothing. */
    async function expectUnknown(): Promise<RawAnswer> {
      const begun = Date.now();
      const answer = await sendRaw(place.port, bytes);
      expect(Date.now() - begun).toBeLessThan(LONGEST_MS);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toMatch(/^[0-9]+$/);
      expect(place.upstream.received).toEqual([]);
      return answer;
    }

    /** Expects that requests pass again, without a restart of the server in front. */
    async function expectRecovered(): Promise<void> {
      const until = Date.now() + LONGEST_MS;
      for (;;) {
        const { status } = await sendRaw(place.port, bytes);
        if (status === 200) return;
        if (Date.now() > until) throw new Error(`It still answers ${status}.`);
        await wait(100);
      }
    }

    const servicePort = () => Number(new URL(place.service.url).port);

    it('passes while all is well', async () => {
      await expectRecovered();
    });

    it('is closed while the service is away, and opens again with it', async () => {
      await place.service.close();
      await expectUnknown();
      await place.serve();
      await expectRecovered();
    }, 60_000);

    it.each<[string, (socket: Socket) => void]>([
      ['hangs', () => {}],
      ['ends each connection', (socket) => socket.end()],
      ['resets each connection', (socket) => socket.resetAndDestroy()],
      ['answers half', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
      ['answers what is not HTTP', (socket) => socket.end('200 OK\r\n\r\n')],
      [
        'answers 500',
        (socket) => socket.end('HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
      ],
    ])(
      'is closed while the service %s',
      async (_, serve) => {
        const port = servicePort();
        await place.service.close();
        const odd = await oddService(port, serve);
        const answer = await sendRaw(place.port, bytes);
        await odd.close();
        // What is not HTTP, nginx hands on as an answer of HTTP/0.9, which has no status.
        expect(answer.status >= 200 && answer.status < 500).toBe(false);
        expect(place.upstream.received).toEqual([]);
        await place.serve();
        await expectRecovered();
      },
      60_000,
    );

    it('waits for a service that is slow, and decides by its answer', async () => {
      const port = servicePort();
      await place.service.close();
      const slow = await oddService(port, (socket) => {
        setTimeout(
          () =>
            socket.end(
              'HTTP/1.1 401 No\r\nContent-Length: 2\r\nContent-Type: application/problem+json\r\nWWW-Authenticate: Bearer\r\nConnection: close\r\n\r\n{}',
            ),
          1_000,
        );
      });
      const answer = await sendRaw(place.port, bytes);
      await slow.close();
      expect([answer.status, place.upstream.received]).toEqual([401, []]);
      await place.serve();
      await expectRecovered();
    }, 60_000);

    it.each(['hang', 503, 'garbage'] as const)(
      'is closed while the authority answers with: %s',
      async (fault) => {
        await place.service.close();
        const guard = createGuard({ ...place.entra.options('orders'), log: false, keys: { coolDown: '1s' } });
        await place.serve({ guard });
        const restore = place.entra.fail('metadata', fault);
        await expectUnknown();
        restore();
        await expectRecovered();
        await guard.close();
        await place.service.close();
        await place.serve();
      },
      60_000,
    );
  });
});

/** Takes the place of the service. */
async function oddService(
  port: number,
  serve: (socket: Socket) => void,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => serve(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
