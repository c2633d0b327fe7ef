import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/client/connection.js';
import { Eviction } from '../../src/revocations/eviction.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Asks a server that replies so, one reply after the other. */
function asking(...replies: (string | Error | null)[]) {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const sent: string[] = [];
  const told: string[] = [];
  const client = {
    send: async (command: readonly string[]) => {
      sent.push(command.join(' '));
      const reply = replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
  } as unknown as Client;
  const eviction = new Eviction(client, (policy) => told.push(policy));
  const look = async () => {
    eviction.look();
    await vi.advanceTimersByTimeAsync(60_000);
  };
  return { eviction, sent, told, look };
}

const policy = (name: string) => `# Memory\r\nused_memory:100\r\nmaxmemory_policy:${name}\r\n`;

describe('the policy of the server', () => {
  it.each(['noeviction', 'volatile-lru', 'volatile-ttl'])(
    'is asked for once where records stay: %s',
    async (name) => {
      const { eviction, sent, told, look } = asking(policy(name));
      await look();
      await look();
      expect([eviction.policy, told, sent]).toEqual([undefined, [], ['INFO memory']]);
    },
  );

  it('is asked for again while it drops records, and told once', async () => {
    const { eviction, sent, told, look } = asking(
      policy('allkeys-lru'),
      new Error('Socket closed unexpectedly'),
      policy('allkeys-lfu'),
      policy('noeviction'),
    );
    await look();
    expect(eviction.policy).toBe('allkeys-lru');
    await look();
    expect(eviction.policy).toBe('allkeys-lru');
    await look();
    expect(eviction.policy).toBe('allkeys-lfu');
    await look();
    await look();
    expect([eviction.policy, told, sent.length]).toEqual([undefined, ['allkeys-lru'], 4]);
  });

  it('is asked for at most once a minute', async () => {
    const { eviction, sent } = asking(policy('allkeys-lru'));
    eviction.look();
    eviction.look();
    await vi.advanceTimersByTimeAsync(59_000);
    eviction.look();
    expect(sent).toEqual(['INFO memory']);
  });

  it.each([
    ['refuses', new Error("NOPERM this user has no permissions to run the 'info' command"), 1],
    ['does not know the command', new Error("ERR unknown command 'INFO'"), 1],
    ['says nothing of it', '# Memory\r\n', 1],
    ['replies with nothing', null, 1],
    ['was lost', new Error('Socket closed unexpectedly'), 2],
  ])('claims nothing of a server that %s', async (_, reply, asked) => {
    const { eviction, sent, told, look } = asking(reply, policy('noeviction'));
    await look();
    await look();
    expect([eviction.policy, told, sent.length]).toEqual([undefined, [], asked]);
  });
});
