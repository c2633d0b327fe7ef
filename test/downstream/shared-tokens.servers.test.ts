import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientNames } from '../../packages/redis/test/support/clients.js';
import { RedisServer, whyNot } from '../../packages/redis/test/support/redis-server.js';
import { Patience } from './patience.js';
import { type Process, Processes } from './processes.js';

const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const PROCESSES = 4;
const CALLERS = 50;
/** Ten times what a request may wait for its store, in milliseconds: a machine may be busy. */
const FAR_TOO_LONG = 1500;

describe.skipIf(whyNot !== undefined).each(clientNames)(
  `sealed tokens that processes share in Redis, over %s${skipped}`,
  { timeout: 60_000 },
  (name) => {
    let server: RedisServer;
    let all: Processes;
    let processes: readonly Process[];
    let patience: Patience;
    const startAll = () => Promise.all(Array.from({ length: PROCESSES }, () => all.start(name, server.port)));
    beforeEach(async () => {
      patience = Patience.begin();
      server = await RedisServer.start();
      all = await Processes.begin();
      processes = await startAll();
    });
    afterEach(async () => {
      patience.end();
      await all.close();
      await server.close();
    });

    it(`are got by one exchange for ${CALLERS} callers in each of ${PROCESSES} processes`, async () => {
      const reserved = all.reservations(PROCESSES);
      all.gate.shut();
      const request = await all.accepted('ada');
      const calls = processes.flatMap(({ tokenFor }) =>
        Array.from({ length: CALLERS }, () => tokenFor(request)),
      );
      // The authority answers once every process has tried to be the one that asks.
      await reserved;
      all.gate.open();
      const tokens = await Promise.all(calls);
      expect([tokens.length, new Set(tokens).size]).toEqual([PROCESSES * CALLERS, 1]);
      expect(all.gate.asked).toBe(1);
    });

    it('are sealed: no key and no value tells a token, a user or what is kept', async () => {
      const request = await all.accepted('ada');
      const [first] = processes as [Process];
      const token = await first.tokenFor(request);
      const ticket = await first.downstream.apis.stock.ticketFor(request, { validFor: '8h' });
      await expect.poll(() => entriesOf(server).length).toBe(2);
      expect(told(server, token, ticket, all.entra.objectIdOf('ada'))).toEqual([]);
      // What is looked for would be found.
      server.cli('set', 'planted', Buffer.from(JSON.stringify({ token })).toString('base64'));
      expect(told(server, token)).not.toEqual([]);
    });

    it.each<[fault: string, act: (server: RedisServer, pid: number) => unknown, exchanges: number]>([
      ['was killed', (redis) => redis.stop('SIGKILL'), PROCESSES],
      ['hangs', (_, pid) => process.kill(pid, 'SIGSTOP'), PROCESSES],
      ['was flushed', (redis) => redis.cli('flushall'), 1],
    ])('are got although Redis %s while a process asks and the others wait', async (_, act, exchanges) => {
      const pid = pidOf(server);
      const reserved = all.reservations(PROCESSES);
      all.gate.shut();
      const request = await all.accepted('ada');
      const calls = processes.flatMap(({ tokenFor }) =>
        Array.from({ length: CALLERS }, () => tokenFor(request)),
      );
      await reserved;
      await act(server, pid);
      if (exchanges > 1) patience.end();
      all.gate.open();
      expect(new Set(await Promise.all(calls)).size).toBe(exchanges);
      expect(all.gate.asked).toBe(exchanges);
      // From now on the memory of each process serves.
      await Promise.all(processes.map(({ tokenFor }) => tokenFor(request)));
      expect(all.gate.asked).toBe(exchanges);
    });

    it.each<[fault: string, act: (server: RedisServer, pid: number) => unknown]>([
      ['is down', (redis) => redis.stop('SIGKILL')],
      ['hangs', (_, pid) => process.kill(pid, 'SIGSTOP')],
    ])('are got within the time that a request has for Redis, which %s', async (_, act) => {
      await act(server, pidOf(server));
      patience.end();
      for (const user of ['ada', 'grace']) {
        const request = await all.accepted(user);
        const began = performance.now();
        await Promise.all(processes.map(({ tokenFor }) => tokenFor(request)));
        expect(performance.now() - began).toBeLessThan(FAR_TOO_LONG);
      }
      expect(all.gate.asked).toBe(2 * PROCESSES);
    });

    it('are shared again once Redis is back, by processes that start then', async () => {
      await server.stop('SIGKILL');
      patience.end();
      const request = await all.accepted('ada');
      await Promise.all(processes.map(({ tokenFor }) => tokenFor(request)));
      await server.start();
      patience = Patience.begin();
      const [first, ...others] = await startAll();
      all.gate.asked = 0;
      await first?.tokenFor(request);
      await expect.poll(() => entriesOf(server).length).toBe(1);
      await Promise.all(others.map(({ tokenFor }) => tokenFor(request)));
      expect(all.gate.asked).toBe(1);
    });
  },
);

function pidOf(server: RedisServer): number {
  return Number(/process_id:(\d+)/.exec(server.cli('info', 'server'))?.[1]);
}

function entriesOf(server: RedisServer): readonly (readonly [key: string, value: string])[] {
  const keys = server
    .cli('keys', '*')
    .split('\n')
    .filter((key) => key !== '');
  return keys.map((key) => [key, server.cli('get', key)]);
}

/** Beginnings of tokens of the local Entra, and names of members of what is sealed. */
const TELLING = [
  'eyJ',
  '1.local-refresh.',
  '"v":',
  '"token"',
  '"refreshToken"',
  '"subjectKey"',
  '"scope"',
  'Stock.Read',
];

/** Returns what of it stands in a key, or in a value as text or as the bytes that it encodes. */
function told(server: RedisServer, ...more: readonly string[]): readonly string[] {
  const texts = entriesOf(server).flatMap(([key, value]) => [
    key,
    value,
    Buffer.from(value, 'base64').toString('latin1'),
  ]);
  return [...TELLING, ...more].filter((text) => texts.some((one) => one.includes(text)));
}
