import { ConfigurationError } from '@entra-guard/core';
import { Cluster } from 'ioredis6';
import * as redis5 from 'redis5';
import * as redis6 from 'redis6';
import { describe, expect, it } from 'vitest';
import { clientOf } from '../../src/client/client-of.js';
import { clients } from '../support/clients.js';

const made = (client: unknown) => clientOf('redisRevocations(...)', client, '{entra-guard}:state');

describe('a client of the application', () => {
  it.each(Object.keys(clients))('is recognised: %s', async (name) => {
    const { client, close } = await (clients[name] as (typeof clients)[string])(1);
    expect(made(client)).toMatchObject({ name: name.split(' ')[0], cluster: false });
    close();
  });

  it('is recognised: clusters, and the sentinel of redis 6', () => {
    const rootNodes = [{ url: 'redis://127.0.0.1:1' }];
    const sentinelRootNodes = [{ host: '127.0.0.1', port: 1 }];
    const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    expect(made(cluster)).toMatchObject({ name: 'ioredis cluster', cluster: true });
    expect(made(redis5.createCluster({ rootNodes }))).toMatchObject({ name: 'redis cluster', cluster: true });
    expect(made(redis6.createCluster({ rootNodes }))).toMatchObject({ name: 'redis cluster', cluster: true });
    expect(made(redis6.createSentinel({ name: 'a', sentinelRootNodes }))).toMatchObject({
      name: 'redis sentinel',
    });
  });
});

describe('anything else is refused', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'redisRevocations(...) was given undefined instead of a Redis client.'],
    [
      'a URL',
      'redis://user:secret@127.0.0.1',
      'redisRevocations(...) was given string instead of a Redis client.',
    ],
    ['an object', {}, "an object that has neither ioredis's call() nor redis's sendCommand()"],
    ['a pool', redis6.createClientPool({}), 'a pool of connections. Use createClient(...)'],
    [
      'the sentinel of redis 5',
      redis5.createSentinel({ name: 'a', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }),
      "createSentinel(...) of redis 5, which can't open a second connection. Use redis 6, or ioredis 5 or 6.",
    ],
    [
      'redis 4',
      { sendCommand: () => {}, multi: () => {}, connect: () => {}, duplicate: () => {} },
      'a client of redis 4 or earlier. Use redis 5 or 6',
    ],
  ])('%s', (_, given, sentence) => {
    expect(() => made(given)).toThrow(ConfigurationError);
    expect(() => made(given)).toThrow(sentence);
    expect(() => made(given)).not.toThrow('secret');
  });
});
