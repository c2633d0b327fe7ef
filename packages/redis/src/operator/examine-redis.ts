import { infoReply } from '../client/info.js';
import type { RedisClient } from '../client/redis-client.js';
import { rangeReply, textReply } from '../client/replies.js';
import { isYoung, readEpoch } from '../log/epoch.js';
import { type FeedFacts, feedFacts } from './feed-facts.js';
import { type RedisRights, rightsOf } from './redis-rights.js';
import { type OperatorOptions, Server } from './server.js';
import { StoredRecords } from './stored-records.js';
import { told } from './told.js';

/** What a Redis is like, and what it has of one prefix. A member is `undefined` where its user may not ask for it. */
export interface RedisFacts {
  /** By INFO: as which release of Redis the server speaks. */
  readonly version: string | undefined;
  /** What else it is: `valkey 8.1.0`. */
  readonly product: string | undefined;
  /** `maxmemory-policy`. */
  readonly policy: string | undefined;
  /** Whether each write is appended to a file (`appendonly`). */
  readonly appends: boolean | undefined;
  /** Whether snapshots are made (`save`). */
  readonly snapshots: boolean | undefined;
  /** Whether the last attempt to write to disk has failed. */
  readonly diskFails: boolean | undefined;
  /** Whether it is a replica itself. */
  readonly isReplica: boolean | undefined;
  readonly replicas: { readonly count: number; readonly offline: number } | undefined;
  readonly rights: RedisRights;
  /** Whether a process has started on the prefix, and not only just now. */
  readonly epoch: 'there' | 'young' | 'missing' | undefined;
  /** Absent where there is no epoch, too. */
  readonly records: RecordFacts | undefined;
  /** What leaver feeds share; empty for none. */
  readonly feeds: readonly FeedFacts[] | undefined;
  /** The stream: how many entries it has, and when the newest was written, in milliseconds since the epoch. */
  readonly stream: { readonly length: number | undefined; readonly newest: number | undefined } | undefined;
}

/** What is stored. */
export interface RecordFacts {
  readonly count: number;
  readonly unreadable: number;
  /** The releases that have written what can't be read. */
  readonly writers: readonly string[];
  /** Seconds. */
  readonly longestToken: number;
}

/**
 * Looks at a Redis as the processes need it, and changes nothing. What its user may do is tried with commands of no effect; those that
 * are refused are in the server's ACL log.
 *
 * @param client a client of `redis` 5 or 6, or of `ioredis` 5 or 6, connected. It is not closed.
 * @throws ConfigurationError for anything else and invalid options; what the client says, refusals aside (as rejections)
 */
export async function examineRedis(client: RedisClient, options: OperatorOptions = {}): Promise<RedisFacts> {
  const server = new Server('examineRedis(...)', client, options);
  const epoch = await told(epochFact(server));
  return {
    ...(await serverFacts(server)),
    rights: await rightsOf(server),
    epoch,
    records: epoch === undefined || epoch === 'missing' ? undefined : await told(recordFacts(server)),
    stream: await told(streamFacts(server)),
    feeds: await feedFacts(server),
  };
}

async function serverFacts(server: Server) {
  const info = async (section: string) => {
    const reply = await told(server.send(['INFO', section]));
    return reply === undefined ? undefined : infoReply(reply);
  };
  const about = await info('server');
  const memory = await info('memory');
  const disk = await info('persistence');
  const replication = await info('replication');
  const product = about?.get('server_name');
  const role = replication?.get('role');
  return {
    version: about?.get('redis_version'),
    product:
      product === undefined || product === 'redis'
        ? undefined
        : `${product} ${about?.get(`${product}_version`) ?? ''}`.trim(),
    policy: memory?.get('maxmemory_policy'),
    appends: flag(disk?.get('aof_enabled')),
    snapshots: await snapshots(server),
    diskFails:
      disk &&
      ['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status'].some(
        (name) => disk.get(name) === 'err',
      ),
    isReplica: role === undefined ? undefined : role !== 'master',
    replicas: replication && replicasIn(replication),
  };
}

function flag(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === '1';
}

/** RESP2 gives a list, RESP3 a map, which clients turn into objects or leave as they are. */
async function snapshots(server: Server): Promise<boolean | undefined> {
  const reply = await told(server.send(['CONFIG', 'GET', 'save']));
  if (typeof reply !== 'object' || reply === null) return undefined;
  const value = Array.isArray(reply)
    ? reply.flat()[1]
    : reply instanceof Map
      ? reply.get('save')
      : Object(reply).save;
  return value === undefined ? undefined : textReply(value) !== '';
}

function replicasIn(replication: ReadonlyMap<string, string>): RedisFacts['replicas'] {
  const states = [...replication].filter(([name]) => /^slave\d+$/.test(name)).map(([, value]) => value);
  return {
    count: states.length,
    offline: states.filter((state) => !state.includes('state=online')).length,
  };
}

async function epochFact({ connection, keys }: Server): Promise<RedisFacts['epoch']> {
  if ((await readEpoch(connection, keys)) === undefined) return 'missing';
  return (await isYoung(connection, keys)) ? 'young' : 'there';
}

async function recordFacts(server: Server): Promise<RecordFacts> {
  const { index, set, writers, longestToken } = await StoredRecords.read(server);
  return { count: index.list().length, unreadable: set.unreadable, writers: [...writers], longestToken };
}

async function streamFacts(server: Server): Promise<RedisFacts['stream']> {
  const { log } = server.keys;
  const [newest] = rangeReply(await server.send(['XREVRANGE', log, '+', '-', 'COUNT', '1']));
  const length = await told(server.send(['XLEN', log]));
  return {
    length: length === undefined ? undefined : Number(length),
    newest: newest === undefined ? undefined : Number.parseInt(newest.id, 10),
  };
}
