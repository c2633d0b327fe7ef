import { ConfigurationError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { type IoRedisClient, redisQueue } from '../../src/index.js';

/** A client that answers each command with the next reply. */
function clientThat(...replies: unknown[]) {
  const sent: (readonly string[])[] = [];
  const client: IoRedisClient = {
    call: async (...command) => {
      sent.push(command);
      const reply = replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
    multi: () => {},
    duplicate: () => {},
    disconnect: () => {},
  };
  return { client, sent };
}

describe('redisQueue', () => {
  it.each<[string, unknown, unknown, string]>([
    ['another client', {}, {}, 'redisQueue(...) was given an object that has neither'],
    ['an unknown option', clientThat().client, { prefx: 'x' }, "called 'prefx'. Known: prefix, now"],
    ['a prefix with a pattern', clientThat().client, { prefix: 'a*' }, "prefix is 'a*'"],
    ['a clock that is none', clientThat().client, { now: 7 }, 'now is of type number'],
    ['no options', clientThat().client, null, 'instead of options'],
    ['a cluster without a hash tag', { ...clientThat().client, isCluster: true }, { prefix: 'eg' }, "'{eg}'"],
  ])('refuses %s', (_, client, options, sentence) => {
    const make = () => redisQueue(client as never, options as never);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
  });

  it.each(['', 'with a space', 'x'.repeat(101), 7])('refuses %j for a name', (name) => {
    expect(() => redisQueue(clientThat().client).open(name as never)).toThrow(ConfigurationError);
  });

  it('keeps all keys under one prefix and one hash tag', async () => {
    const { client, sent } = clientThat(1, null, 1);
    const jobs = redisQueue(client, { now: () => 5.5 }).open('leavers:x');
    await jobs.put([{ key: 'a', text: '' }]);
    await jobs.recall('delta');
    await jobs.remember('delta', 'text', { claim: 'c' });
    const keys = sent.flatMap((command) => command.filter((one) => one.startsWith('{')));
    expect(keys.every((key) => key.startsWith('{entra-guard}:queue:1:leavers:x:'))).toBe(true);
    expect(sent[0]?.slice(-4)).toEqual(['5', '0', 'a', '']);
  });

  it('sends many jobs in parts', async () => {
    const { client, sent } = clientThat(1, 1, 1);
    await redisQueue(client)
      .open('x')
      .put(Array.from({ length: 1001 }, (_, at) => ({ key: `k${at}`, text: '' })));
    expect(sent).toHaveLength(3);
  });

  it.each<[string, unknown, (jobs: ReturnType<ReturnType<typeof redisQueue>['open']>) => Promise<unknown>]>([
    ['put', 'OK', (jobs) => jobs.put([{ key: 'a', text: '' }])],
    ['take', 7, (jobs) => jobs.take(1000)],
    ['take of a half', ['a', ''], (jobs) => jobs.take(1000)],
    ['take without a key', [null, '', 1], (jobs) => jobs.take(1000)],
    ['take without a number', ['a', '', 'many'], (jobs) => jobs.take(1000)],
    ['count', ['1'], (jobs) => jobs.count()],
    ['lead', 'yes', (jobs) => jobs.lead('c', 1000)],
    ['recall', {}, (jobs) => jobs.recall('delta')],
  ])('takes no reply for an answer that %s never has', async (_, reply, ask) => {
    await expect(ask(redisQueue(clientThat(reply).client).open('x'))).rejects.toThrow('has an unknown form');
  });

  it('says whether Redis answered', async () => {
    const { client } = clientThat([0, 0], new Error('LOADING Redis is loading'), [0, 0]);
    const queue = redisQueue(client);
    const jobs = queue.open('x');
    await jobs.count();
    expect(queue.health()).toEqual({
      part: 'feed',
      name: '{entra-guard}',
      status: 'up',
      message: 'Jobs are shared.',
      shared: true,
    });
    await expect(jobs.count()).rejects.toThrow('LOADING');
    expect(queue.health()).toMatchObject({ status: 'degraded', lastError: 'LOADING Redis is loading' });
    await jobs.count();
    expect(queue.health()).toMatchObject({ status: 'up' });
    await queue.close();
  });
});
