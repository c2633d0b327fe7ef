import { ConfigurationError, UnavailableError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { beginRevocations, examineRedis, operateRevocations } from '../../src/operator.js';

const TENANT = '11111111-1111-4111-8111-111111111111';
const target = { user: '22222222-2222-4222-8222-222222222222', tenantId: TENANT };
const because = 'left the company, HR-1234';
const NOW = 1_790_000_000_000;

/** As much of a server as a command needs, with what may go wrong. */
function fakeRedis(
  more: {
    epoch?: string | null;
    loses?: boolean;
    epochAfter?: string;
    refuses?: RegExp;
    says?: string;
    info?: string;
    adds?: string;
  } = {},
) {
  const state = new Map<string, number>();
  const log: [string, string[]][] = [];
  let { epoch = 'first' } = more;
  const run = (name: string, args: readonly string[]): unknown => {
    if (more.refuses?.test(name))
      throw new Error(more.says ?? `NOPERM no permissions to run the '${name}' command`);
    switch (name) {
      case 'INFO':
        return more.info ?? '';
      case 'GET':
        return args[0]?.endsWith(':epoch') ? epoch : null;
      case 'SET':
        if (args[0]?.endsWith(':epoch')) epoch = args[1] ?? null;
        return 'OK';
      case 'ZSCAN':
        return [
          '0',
          [...state].flatMap(([text, until]) => [
            text,
            until === Number.POSITIVE_INFINITY ? 'inf' : String(until),
          ]),
        ];
      case 'ZADD':
        for (let at = 2; at + 1 < args.length; at += 2)
          state.set(args[at + 1] ?? '', args[at] === '+inf' ? Number.POSITIVE_INFINITY : Number(args[at]));
        return 1;
      case 'XADD':
        log.push([`${NOW + log.length}-0`, args.slice(args.indexOf('*') + 1)]);
        return log.at(-1)?.[0];
      case 'XREVRANGE':
        return log.slice(-1);
      case 'XREAD': {
        const after = args.at(-1) ?? '';
        const later = log.filter(([id]) => Number.parseInt(id, 10) > Number.parseInt(after, 10));
        return later.length === 0 ? null : [['log', later]];
      }
      default:
        return 0;
    }
  };
  const call = async (name: string, ...args: string[]) => run(name, args);
  const client = {
    call,
    disconnect: () => {},
    duplicate: () => {
      throw new Error('A command needs one connection.');
    },
    multi: () => {
      const commands: [string, string[]][] = [];
      return {
        call: (name: string, ...args: string[]) => void commands.push([name, args]),
        exec: async () => {
          const replies = commands.map(([name, args]) => [null, more.loses ? 1 : run(name, args)]);
          epoch = more.epochAfter ?? epoch;
          if (more.adds !== undefined) state.set(more.adds, Number.POSITIVE_INFINITY);
          return replies;
        },
      };
    },
  };
  return { client, state, log };
}

const options = { now: () => NOW };

describe('what an operator writes', () => {
  it('counts once it was read back', async () => {
    const { client, state } = fakeRedis();
    const { record, before } = await (await operateRevocations(client, options)).revoke(target, { because });
    expect([before, record.until, [...state.values()]]).toEqual([
      false,
      Number.POSITIVE_INFINITY,
      [Number.POSITIVE_INFINITY],
    ]);
  });

  it.each([
    ['confirmed it, and does not have it', { loses: true }],
    ['has another epoch', { epochAfter: 'second' }],
  ])('is an error where the server %s', async (_, fault) => {
    const { client } = fakeRedis(fault);
    const operator = await operateRevocations(client, options);
    const failed = await operator.revoke(target, { because }).catch((error: unknown) => error);
    expect(UnavailableError.is(failed)).toBe(true);
    expect(failed).toMatchObject({ part: 'revocations', hint: 'Run the command again.' });
  });

  it('extends a record that is there, and is not written twice', async () => {
    const { client, log } = fakeRedis();
    const operator = await operateRevocations(client, options);
    const first = await operator.revoke(target, { because, until: NOW + 60_000 });
    const later = await operator.revoke(target, { because, until: NOW + 120_000 });
    expect(later).toMatchObject({ before: true, record: { id: first.record.id, until: NOW + 120_000 } });
    const written = log.length;
    const read = await operateRevocations(client, options);
    expect(read.list()).toEqual([later.record]);
    expect(await read.revoke(target, { because, until: NOW + 60_000 })).toEqual(later);
    expect(log.length).toBe(written);
  });

  it('is checked as everywhere', async () => {
    const { client, state } = fakeRedis();
    const operator = await operateRevocations(client, options);
    await expect(operator.revoke('everyone', { because })).rejects.toThrow(ConfigurationError);
    await expect(operator.revoke(target, { because: ' ' })).rejects.toThrow(ConfigurationError);
    await expect(operator.lift('x', { because: '' })).rejects.toThrow(ConfigurationError);
    await expect(operator.setLongestToken('31d')).rejects.toThrow('too long');
    expect(state.size).toBe(0);
  });

  it('is not said to hold where a process needs more', async () => {
    const id = '33333333-3333-4333-8333-333333333333';
    const adds = JSON.stringify({ v: 1, w: 'a', id, o: 'longest', s: 144_000 });
    const changed = (more: object) =>
      operateRevocations(fakeRedis(more).client, options).then((operator) => operator.setLongestToken('30h'));
    expect(await changed({})).toEqual({ before: 100_800, now: 108_000 });
    await expect(changed({ adds })).rejects.toThrow('longestToken is 40h again');
  });

  it('leaves entries of another release alone, and counts them', async () => {
    const { client, state } = fakeRedis();
    state.set('{"v":9,"w":"@entra-guard/redis 9.0"}', Number.POSITIVE_INFINITY);
    state.set('damaged', Number.POSITIVE_INFINITY);
    expect((await operateRevocations(client, options)).unreadable).toEqual({
      count: 2,
      writers: ['@entra-guard/redis 9.0', 'an unknown writer'],
    });
  });
});

describe('a prefix', () => {
  it('is begun by a user who may write, and says what Redis refuses to another', async () => {
    const { client, log } = fakeRedis({ epoch: null });
    expect([await beginRevocations(client), await beginRevocations(client), log.length]).toEqual([
      true,
      false,
      1,
    ]);
    const reader = fakeRedis({ epoch: null, refuses: /SET/ });
    await expect(beginRevocations(reader.client)).rejects.toThrow(/^NOPERM/);
    const lost = fakeRedis({ epoch: null, refuses: /SET/, says: 'Socket closed' });
    await expect(beginRevocations(lost.client)).rejects.toThrow('Socket closed');
  });

  it('is valid, and in a cluster on one server', async () => {
    const { client } = fakeRedis();
    await expect(operateRevocations(client, { prefix: 'a b' })).rejects.toThrow("prefix is 'a b'");
    await expect(
      operateRevocations({ ...client, isCluster: true } as typeof client, { prefix: 'a' }),
    ).rejects.toThrow('Put a part of it in braces');
    await expect(operateRevocations({} as typeof client)).rejects.toThrow('instead of a Redis client');
  });
});

describe('the examination', () => {
  it('passes on what is not a refusal', async () => {
    const { client } = fakeRedis({ refuses: /XADD/, says: 'Socket closed unexpectedly' });
    await expect(examineRedis(client)).rejects.toThrow('Socket closed unexpectedly');
    const closed = fakeRedis({ refuses: /INFO/, says: 'Socket closed unexpectedly' });
    await expect(examineRedis(closed.client)).rejects.toThrow('Socket closed unexpectedly');
  });

  it('reads what INFO tells of another product, its replicas and its disk', async () => {
    const { client } = fakeRedis({
      info: [
        '# Server',
        'redis_version:7.2.4',
        'server_name:valkey',
        'valkey_version:8.1.0',
        'aof_enabled:1',
        'aof_last_write_status:err',
        'role:master',
        'slave0:ip=10.0.0.1,port=6379,state=online,offset=1,lag=0',
        'slave1:ip=10.0.0.2,port=6379,state=wait_bgsave,offset=1,lag=0',
      ].join('\r\n'),
    });
    expect(await examineRedis(client)).toMatchObject({
      version: '7.2.4',
      product: 'valkey 8.1.0',
      appends: true,
      diskFails: true,
      isReplica: false,
      replicas: { count: 2, offline: 1 },
    });
  });

  it('does not know a command that the server does not know', async () => {
    const { client } = fakeRedis({ refuses: /INFO|CONFIG|ACL|XLEN/, says: "ERR unknown command 'X'" });
    expect(await examineRedis(client)).toMatchObject({
      version: undefined,
      snapshots: undefined,
      stream: { length: undefined },
    });
  });
});
