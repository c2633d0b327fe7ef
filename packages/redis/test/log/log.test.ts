import { ConfigurationError } from '@entra-guard/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client, Command, Connection } from '../../src/client/connection.js';
import { within } from '../../src/client/deadline.js';
import { BEGINNING, Continuity } from '../../src/log/continuity.js';
import { epochOf, NoEpochError } from '../../src/log/epoch.js';
import { assertHashTag, keysOf } from '../../src/log/keys.js';
import { Outbox } from '../../src/log/outbox.js';
import { Publisher } from '../../src/log/publisher.js';
import type { Held } from '../../src/log/replicated-set.js';
import { ServerClock } from '../../src/log/server-clock.js';

const NOW = 1_790_000_000_000;
const keys = keysOf('test');

afterEach(() => {
  vi.useRealTimers();
});

/** A connection that gives prepared replies, by the name of the command. */
function connection(reply: (command: Command) => unknown): Connection & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    send: async (command) => {
      sent.push(command.join(' '));
      return reply(command);
    },
    destroy: () => {},
  };
}

describe('keys', () => {
  it('have one hash tag by default', () => {
    expect(keys).toEqual({
      epoch: '{entra-guard}:epoch',
      young: '{entra-guard}:young',
      state: '{entra-guard}:state',
      log: '{entra-guard}:log',
    });
    for (const prefix of ['{a}', 'b{a}c']) expect(() => assertHashTag('store', prefix)).not.toThrow();
    for (const prefix of ['a', '{}a'])
      expect(() => assertHashTag('store', prefix)).toThrow('Put a part of it in braces');
  });

  it.each([[''], ['a b'], ['a*'], ['a[b'], ['ä'], [7], ['x'.repeat(101)]])(
    'are refused for the prefix %o',
    (prefix) => {
      expect(() => keysOf('redisRevocations(...)', prefix)).toThrow(ConfigurationError);
    },
  );
});

describe('the place in the stream', () => {
  const entry = (id: string) => [[id, ['entry', 'x']]];

  it('is kept while the entries that were read last are there', async () => {
    const continuity = new Continuity();
    continuity.begin('5-0');
    continuity.advance('7-0');
    const there = connection(([, , id = '']) => entry(id));
    expect(await continuity.holds(there, keys)).toBe(true);
    expect(there.sent).toEqual([
      'XRANGE {entra-guard}:log 5-0 5-0 COUNT 1',
      'XRANGE {entra-guard}:log 7-0 7-0 COUNT 1',
    ]);
  });

  it.each([
    ['the entry that was checked last is gone, so that some between may be gone too', '5-0'],
    ['the entry that was read last is gone, because another server took over', '7-0'],
  ])('is lost if %s', async (_, gone) => {
    const continuity = new Continuity();
    continuity.begin('5-0');
    continuity.advance('7-0');
    expect(
      await continuity.holds(
        connection(([, , id = '']) => (id === gone ? [] : entry(id))),
        keys,
      ),
    ).toBe(false);
  });

  it('is not kept at the beginning of an empty stream', async () => {
    const continuity = new Continuity();
    expect(continuity.last).toBe(BEGINNING);
    expect(
      await continuity.holds(
        connection(() => []),
        keys,
      ),
    ).toBe(false);
  });
});

describe('the epoch', () => {
  it('is made where there is none, and called young first', async () => {
    let epoch: string | null = null;
    const server = connection(([name, key, value = '']) => {
      if (name === 'SET' && key === keys.epoch) epoch = value;
      return name === 'GET' ? epoch : 'OK';
    });
    expect(await epochOf(server, keys)).toBe(epoch);
    expect(server.sent.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
      'GET {entra-guard}:epoch',
      'SET {entra-guard}:young',
      'SET {entra-guard}:epoch',
      'GET {entra-guard}:epoch',
    ]);
  });

  it.each([
    ['NOPERM this user has no permissions'],
    ["READONLY You can't write against a read only replica."],
  ])('is missed by a process that may not make one: %s', async (message) => {
    const server = connection(([name]) => {
      if (name === 'SET') throw new Error(message);
      return null;
    });
    await expect(epochOf(server, keys)).rejects.toThrow(NoEpochError);
    await expect(epochOf(server, keys)).rejects.toThrow(
      'No writer has started on this prefix. Run: entra-guard revocations init',
    );
  });

  it('is an error of its own where the server fails', async () => {
    const server = connection(([name]) => {
      if (name === 'SET') throw new Error('OOM command not allowed');
      return null;
    });
    await expect(epochOf(server, keys)).rejects.toThrow('OOM');
  });
});

describe("the server's clock", () => {
  it('is never taken to be later than the server has said, and the time since then', () => {
    vi.useFakeTimers({ now: NOW, toFake: ['performance'] });
    const clock = new ServerClock();
    expect(clock.now()).toBe(0);
    clock.observe(BEGINNING);
    expect(clock.now()).toBe(0);
    clock.observe(`${NOW}-0`);
    vi.advanceTimersByTime(500);
    clock.observe(`${NOW + 100}-3`);
    expect(clock.now()).toBe(NOW + 500);
  });
});

describe('what is written', () => {
  const written = { text: 'one', until: NOW + 5 };

  async function commandsAt(now: number, server: string): Promise<readonly Command[]> {
    const sent: (readonly Command[])[] = [];
    const clock = new ServerClock();
    clock.observe(server);
    const client = {
      transaction: async (commands: readonly Command[]) => void sent.push(commands),
    } as unknown as Client;
    await new Publisher(client, keys, clock, () => now).write([
      written,
      { text: 'two', until: Number.POSITIVE_INFINITY },
    ]);
    return sent.flat();
  }

  it('goes to the sorted set, where the later end holds, and to the stream', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['performance'] });
    expect(await commandsAt(NOW, `${NOW}-0`)).toEqual([
      ['ZADD', keys.state, 'GT', String(NOW + 5), 'one', '+inf', 'two'],
      [
        'XADD',
        keys.log,
        'MINID',
        '~',
        String(NOW - 7_200_000),
        '*',
        'entry',
        'one',
        'until',
        String(NOW + 5),
      ],
      ['XADD', keys.log, 'MINID', '~', String(NOW - 7_200_000), '*', 'entry', 'two', 'until', '+inf'],
      ['ZREMRANGEBYSCORE', keys.state, '-inf', String(NOW - 600_000)],
    ]);
  });

  it.each([
    ['this machine is behind', NOW - 9_000_000, NOW - 9_000_000],
    ['this machine is ahead', NOW + 9_000_000, NOW],
  ])('removes by the earlier clock, where %s', async (_, now, earlier) => {
    vi.useFakeTimers({ now: NOW, toFake: ['performance'] });
    expect((await commandsAt(now, `${NOW}-0`)).at(-1)).toEqual([
      'ZREMRANGEBYSCORE',
      keys.state,
      '-inf',
      String(earlier - 600_000),
    ]);
  });
});

describe('the outbox', () => {
  const held = (): Held => ({
    key: 'a',
    text: '+a',
    until: NOW,
    kind: 'put',
    sharedUntil: Number.NEGATIVE_INFINITY,
    seenIn: 0,
  });

  it('gives what was not sent at once, and what was sent if it is not read back in time', () => {
    vi.useFakeTimers({ now: NOW, toFake: ['performance'] });
    const outbox = new Outbox();
    const one = held();
    outbox.add(one, true);
    expect(outbox.take(9)).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(outbox.take(9)).toEqual([one]);
    expect(outbox.take(9)).toEqual([]);
    outbox.add(one, false);
    expect(outbox.take(9)).toEqual([one]);
  });

  it('keeps an entry until the server has it with its end', () => {
    const outbox = new Outbox();
    const one = held();
    outbox.add(one, true);
    one.sharedUntil = NOW - 1;
    outbox.seen(one);
    expect(outbox.size).toBe(1);
    one.sharedUntil = NOW;
    outbox.seen(one);
    expect(outbox.size).toBe(0);
  });
});

describe('a reply that does not come', () => {
  it('is waited for within a bound', async () => {
    vi.useFakeTimers();
    const waiting = expect(within(100, new Promise(() => {}), 'Redis did not reply')).rejects.toThrow(
      'Redis did not reply within 100 ms.',
    );
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
  });
});
