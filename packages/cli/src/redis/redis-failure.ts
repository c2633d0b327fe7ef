import { ConfigurationError, UnavailableError } from '@entra-guard/core';
import { certificateHint } from '../doctor/failure-hints.js';
import type { RedisAddress } from './redis-address.js';

/** What went wrong, and what to do about it. */
export interface RedisFailure {
  readonly message: string;
  readonly hint: string;
}

const NAME = 'The name cannot be resolved: check its spelling, and the DNS of this machine.';
const NO_WAY = 'Nothing answers: is the address right, and does a firewall stand in between?';
const AGAIN = 'run the command again: the same is not done twice.';
const MAYBE_TLS = `A server that wants TLS closes the connection: write rediss:// in the place of redis://, or check the port. Otherwise ${AGAIN}`;

const NO_TLS =
  'Does it speak TLS there? If not, write redis:// in the place of rediss://. If it does, does a firewall stand in between?';

/** What to do, by the code of Node. */
const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: NAME,
  EAI_AGAIN: NAME,
  ECONNREFUSED: 'Nothing listens there: is Redis running, and is the port right?',
  ETIMEDOUT: NO_WAY,
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  ECONNRESET: MAYBE_TLS,
  EPIPE: MAYBE_TLS,
  EPROTO: NO_TLS,
};

/** What to do, by the first word of the reply (Redis: RESP errors). */
const REPLIES: Readonly<Record<string, string>> = {
  WRONGPASS:
    'Correct user and password in the URL. Percent-encode characters such as @ and / in the password.',
  NOAUTH: 'Give it a password: rediss://user:password@host:6380, best in ENTRA_GUARD_REDIS_URL.',
  NOPERM:
    'Use the Redis user that may write, whose rules are in docs/revocation-redis.md: ACL SETUSER revoke … +xadd +zadd +set +multi +exec.',
  READONLY: 'It is a replica. Name the primary.',
  MASTERDOWN: 'It is a replica without its primary. Name the primary.',
  CLUSTERDOWN: 'The cluster is not complete. Look at it with: redis-cli cluster info',
  DENIED: 'Protected mode admits this machine alone. Give the server a password, and write it in the URL.',
  LOADING: 'It is reading its data from disk. Run the command again in a moment.',
  BUSY: 'A script keeps it busy. Run the command again in a moment.',
  OOM: 'Its memory is full. Raise maxmemory, and leave maxmemory-policy at noeviction.',
  MISCONF:
    'It refuses to write because it could not save its data. Look at the disk and the log of the server.',
  WRONGTYPE:
    'Another application uses this prefix: compare the prefix and the database with those of the API.',
  ERR: 'Redis 6.2 or later is needed, or a server that speaks as it does. A database in the URL has to exist.',
};

/**
 * Says what to do about an error of a client; `undefined` for one that says so itself, and for what has nothing to do with Redis.
 * Never holds a password: the address is shown without.
 */
export function redisFailure(error: unknown, { shown, url, tls }: RedisAddress): RedisFailure | undefined {
  if (ConfigurationError.is(error)) return undefined;
  if (UnavailableError.is(error)) return { message: error.message, hint: error.hint };
  if (!(error instanceof Error)) return undefined;
  const words = messageOf(error).replaceAll(url, shown);
  const moved = /^(?:MOVED|ASK) \d+ (\S+)/.exec(words)?.[1];
  if (moved !== undefined) {
    return {
      message: `${shown} belongs to a cluster, and the records are on another of its servers.`,
      hint: `Name that one: --redis ${shown.replace(/\/\/.*$/, `//${moved}`)}, with user and password as before.`,
    };
  }
  const reply = /^(?:READONLY|[A-Z]{3,})\b/.exec(words)?.[0];
  const said = reply === undefined ? undefined : REPLIES[reply];
  if (said !== undefined) return { message: `${shown} refuses: ${words}`, hint: said };
  const code = codeOf(error);
  const hint =
    certificateHint(code) ?? CODES[code] ?? (isClosed(words) ? (tls ? NO_TLS : MAYBE_TLS) : undefined);
  if (hint !== undefined) return { message: `${shown} is not reachable: ${words}`, hint };
  if (error.name === 'DeadlineError')
    return {
      message: `${shown}: ${words}`,
      hint: `It is not known whether it was done. When Redis is reachable, ${AGAIN}`,
    };
  return undefined;
}

/** Names that resolve to several addresses fail with one error for each. */
function innermost(error: Error): Error {
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? innermost(inner) : error;
}

function messageOf(error: Error): string {
  return (error.message || innermost(error).message || error.name).replace(/\s+/g, ' ').slice(0, 300);
}

function codeOf(error: Error): string {
  const own = (error as NodeJS.ErrnoException).code ?? (innermost(error) as NodeJS.ErrnoException).code ?? '';
  // Of OpenSSL, by the reason that Node names.
  return /wrong version number|packet length too long|record layer failure/i.test(messageOf(error))
    ? 'EPROTO'
    : own;
}

function isClosed(words: string): boolean {
  return /socket closed|connection is closed|timeout/i.test(words);
}
