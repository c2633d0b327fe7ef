import { printDuration } from '@entra-guard/core';
import type { RedisFacts } from '@entra-guard/redis/operator';
import type { Host } from '../host.js';
import type { RedisAddress } from '../redis/redis-address.js';
import { type Check, type CheckName, ok, problem, skipped, warning } from './check.js';
import { isAtLeast } from './environment-checks.js';

const OLDEST = '6.2.0';
const APPEND = 'Turn on appendonly yes, which loses a second at most.';

/** Whether it answers, and has the commands that are needed. */
export function checkVersion({ version, product }: RedisFacts, { shown }: RedisAddress): Check {
  if (version === undefined) return refused('redis', `${shown} answers; its version`, 'INFO');
  const named = product === undefined ? `Redis ${version}` : `${product}, which speaks as Redis ${version}`;
  return isAtLeast(version, OLDEST)
    ? ok('redis', `${shown} answers: ${named}`)
    : problem(
        'redis',
        `${shown} is ${named}, which is too old`,
        `Use Redis 6.2 or later, or a server that speaks as it does.`,
      );
}

/** Whether an attacker on the network can read along, or speak in the place of the server. */
export function checkEncryption({ tls, loopback, shown }: RedisAddress, env: Host['env']): Check {
  if (tls && env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    return problem(
      'encryption',
      'NODE_TLS_REJECT_UNAUTHORIZED is 0: an attacker on the network can answer in the place of Redis',
      "Remove it. For a certificate of your own, set NODE_EXTRA_CA_CERTS to its issuer's.",
    );
  }
  if (tls) return ok('encryption', 'TLS, and the certificate holds');
  if (loopback) return ok('encryption', `none: ${shown} is this machine`);
  return warning(
    'encryption',
    `none: ${shown} is on the network, where the password and every record can be read and changed`,
    'Use TLS: rediss://, and its port, 6380 in Azure.',
  );
}

/** What the user of the URL may do. */
export function checkUser({ rights }: RedisFacts, prefix: string): Check {
  const { name, everything, cannotRead, cannotWrite, unknown } = rights;
  const who = name === undefined ? 'the user of the URL' : name;
  const rules = `The rules of both users are in docs/revocation-redis.md. Keys: ~${prefix}:*`;
  if (cannotRead.length > 0)
    return problem('user', `${who} may not run ${cannotRead.join(', ')}, which every process needs`, rules);
  if (everything) {
    return warning(
      'user',
      `${who} may run every command (+@all)`,
      'Give processes a user with the rules in docs/revocation-redis.md: who can delete keys can let anyone in again.',
    );
  }
  if (unknown)
    return skipped(
      'user',
      `${who} may read; the server takes no writes now, so whether it may write is unknown`,
    );
  if (cannotWrite.length === 0) return ok('user', `${who} may read and write: for processes that revoke`);
  if (cannotWrite.length >= WRITES)
    return ok('user', `${who} may only read: for processes that judge, and not for those that revoke`);
  return problem(
    'user',
    `${who} may write, and may not run ${cannotWrite.join(', ')}, which that takes`,
    rules,
  );
}

/** The commands that are tried. */
const WRITES = 4;

/** Whether records are dropped when the memory is full. */
export function checkEviction({ policy }: RedisFacts): Check {
  if (policy === undefined) return refused('eviction', 'maxmemory-policy', 'INFO');
  if (policy === 'noeviction') return ok('eviction', 'noeviction: nothing is dropped');
  if (policy.startsWith('volatile-')) {
    return warning(
      'eviction',
      `maxmemory-policy is ${policy}: keys with a time to live are dropped when the memory is full. Records have none, and stay`,
      'Set maxmemory-policy noeviction if nothing else in this Redis relies on it.',
    );
  }
  return problem(
    'eviction',
    `maxmemory-policy is ${policy}: records are dropped when the memory is full, and callers who were revoked get in again`,
    'Set it at once, CONFIG SET maxmemory-policy noeviction, and in the configuration of the server.',
  );
}

/** What is left when the server starts again. */
export function checkPersistence({ appends, snapshots, diskFails }: RedisFacts): Check {
  if (appends === undefined) return refused('persistence', 'how data is kept', 'INFO');
  if (diskFails) {
    return problem(
      'persistence',
      'the last attempt to write to disk has failed',
      'Look at the disk and the log of the server.',
    );
  }
  if (appends) return ok('persistence', 'an append-only file: records survive a new start');
  if (snapshots === undefined) {
    return skipped(
      'persistence',
      'there is no append-only file; whether snapshots are made is unknown, as CONFIG is refused',
    );
  }
  return snapshots
    ? warning(
        'persistence',
        'snapshots alone (RDB): after a new start, records since the last one are there only if a process has them',
        APPEND,
      )
    : warning('persistence', 'none: after a new start, records are there only if a process has them', APPEND);
}

/** Whether it is the server that writes, and who takes over. */
export function checkReplicas({ isReplica, replicas }: RedisFacts): Check {
  if (isReplica === undefined || replicas === undefined)
    return refused('replicas', 'whether there are any', 'INFO');
  if (isReplica)
    return problem(
      'replicas',
      'it is a replica itself, and takes no writes',
      'Name the primary, or the Sentinel or cluster that knows it.',
    );
  const { count, offline } = replicas;
  if (offline > 0)
    return warning(
      'replicas',
      `${offline} of ${count} do not follow`,
      'Look at INFO replication, and at their logs.',
    );
  return ok('replicas', count === 0 ? 'none' : `${count}, which follow`);
}

/** Whether a process has started on the prefix. */
export function checkEpoch({ epoch }: RedisFacts, prefix: string): Check {
  if (epoch === undefined) return refused('epoch', 'whether a process has started', 'GET');
  if (epoch === 'missing') {
    return problem(
      'epoch',
      `no process has started on the prefix ${prefix}, or the data is lost`,
      'Compare address, database and prefix with those of the API. Processes that may only read need: entra-guard revocations init',
    );
  }
  return ok('epoch', epoch === 'young' ? 'made within the last 5 seconds' : 'there');
}

/** What is stored, and whether this release can read it. */
export function checkRecords({ records, epoch }: RedisFacts): Check {
  if (records === undefined) {
    return epoch === 'missing'
      ? skipped('records', 'there is no epoch')
      : refused('records', 'how many there are', 'ZSCAN');
  }
  const { count, unreadable, writers, longestToken } = records;
  const found = `${count === 1 ? '1 record' : `${count} records`}; tokens may live ${printDuration(longestToken)}`;
  if (unreadable === 0) return ok('records', found);
  return problem(
    'records',
    `${found}; ${unreadable === 1 ? '1 entry' : `${unreadable} entries`} of ${writers.join(', ')} can't be read by this release`,
    'Install the newest release that any process has, in every process and here.',
  );
}

/** How many changes are kept for processes that were away. */
export function checkStream({ stream }: RedisFacts): Check {
  if (stream === undefined) return refused('stream', 'what it has', 'XREVRANGE');
  const { length, newest } = stream;
  const last =
    newest === undefined ? 'it is empty' : `the newest entry is of ${new Date(newest).toISOString()}`;
  if (length === undefined) return skipped('stream', `its length, as XLEN is refused; ${last}`);
  return ok('stream', `${length === 1 ? '1 entry' : `${length} entries`}; ${last}`);
}

/** How long a job may wait before something is wrong, in milliseconds: those of a failed attempt wait for less. */
const LONGEST_WAIT = 300_000;

/** Whether the leaver feed goes on, where one shares its jobs here. */
export function checkFeed({ feeds }: RedisFacts): Check {
  if (feeds === undefined) return refused('feed', 'whether there is one', 'SCAN, TIME or ZCOUNT');
  if (feeds.length === 0) return ok('feed', 'none shares its jobs on this prefix');
  const named = (found: string, { name }: { readonly name: string }) => `${name}: ${found}`;
  const idle = feeds.find(({ isLed }) => !isLed);
  if (idle !== undefined) {
    return problem(
      'feed',
      named('no process leads, so nothing is looked for in Microsoft Graph', idle),
      'Does a process run that has called start() of graphLeavers(...)? Its health() and log say why it stopped.',
    );
  }
  const late = feeds.find(({ waitingMs }) => waitingMs > LONGEST_WAIT);
  if (late !== undefined) {
    return problem(
      'feed',
      named(
        `${jobs(late.waiting)} due, the oldest for ${printDuration(Math.floor(late.waitingMs / 1000))}`,
        late,
      ),
      "Can the processes reach Microsoft Graph, and may they read users (User.Read.All)? The feed's health() has the last error.",
    );
  }
  return ok(
    'feed',
    feeds.map((feed) => named(`a process leads, ${jobs(feed.waiting)} due`, feed)).join('; '),
  );
}

const jobs = (count: number): string => (count === 1 ? '1 job is' : `${count} jobs are`);

function refused(name: CheckName, what: string, command: string): Check {
  return skipped(name, `${what} is unknown, as Redis refuses ${command} or does not say`);
}
