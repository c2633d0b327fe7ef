import {
  ConfigurationError,
  consoleLog,
  type Duration,
  type LogSink,
  ownOptions,
  type RevocationOptions,
  secondsOf,
} from '@entra-guard/core';
import {
  REVOCATION_OPTION_NAMES,
  type RevocationSettings,
  revocationSettings,
} from '@entra-guard/core/revocation';
import { assertKnown } from '../known-options.js';

/**
 * What happens to requests while this process can't know what others have revoked: `'refuse'` answers 503, `'accept'` lets callers in
 * whom no known record refuses. What this process knows to be revoked is refused in either case.
 */
export type WhenStale = 'refuse' | 'accept';

/** Options of `redisRevocations`. */
export interface RedisRevocationOptions extends RevocationOptions {
  /**
   * What happens to requests once Redis was unreachable for `maxStaleness`, and before it was reached for the first time. There is no
   * default: `'refuse'` makes Redis a condition for every request after that time, `'accept'` may let in a caller whom another process
   * has revoked. A function is asked at most once a second, so that a flag can open the doors in an emergency; an error in it refuses.
   */
  readonly whenStale: WhenStale | (() => WhenStale);
  /** For how long the records that were read last are enough. Default `'5m'`, at least `'5s'`. */
  readonly maxStaleness?: Duration;
  /** For how long `ready()` waits for Redis. Default `'30s'`. */
  readonly startTimeout?: Duration;
  /**
   * The beginning of all keys. Processes with the same prefix share their records. Records name their tenants, so one prefix serves all
   * APIs. Default `'{entra-guard}'`, whose braces keep the keys on one server of a cluster.
   */
  readonly prefix?: string;
  /** Receives what operators should know: that Redis is lost, or that a record can't be read. Default: `console`; `false` for none. */
  readonly log?: LogSink | false;
}

/** Options after validation. */
export interface RedisRevocationSettings extends RevocationSettings {
  /** What happens while the records are stale. */
  readonly whenStale: () => WhenStale;
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** Milliseconds. */
  readonly startTimeout: number;
  readonly prefix: string | undefined;
  readonly log: LogSink;
}

const WHAT = 'redisRevocations(...)';
const NAMES = [
  ...REVOCATION_OPTION_NAMES,
  'whenStale',
  'maxStaleness',
  'startTimeout',
  'prefix',
  'log',
] as const;

/**
 * Reads the options.
 *
 * @throws ConfigurationError that says what was found, and what to choose from
 */
export function settingsFrom(given: RedisRevocationOptions): RedisRevocationSettings {
  if (given === undefined) throw noChoice(given);
  const options = ownOptions(WHAT, given, NAMES);
  assertKnown(WHAT, options, NAMES);
  const { whenStale, maxStaleness, startTimeout, prefix, log = consoleLog } = options;
  if (whenStale !== 'refuse' && whenStale !== 'accept' && typeof whenStale !== 'function') {
    throw noChoice(whenStale);
  }
  if (log !== false && typeof log !== 'function') {
    throw new ConfigurationError(`${WHAT}: log is of type ${typeof log}.`, 'Pass a function, or false.');
  }
  return Object.freeze({
    ...revocationSettings(WHAT, options),
    whenStale: typeof whenStale === 'function' ? whenStale : () => whenStale,
    maxStaleness: 1000 * secondsOf(`${WHAT}: maxStaleness`, maxStaleness, { standard: '5m', least: '5s' }),
    startTimeout: 1000 * secondsOf(`${WHAT}: startTimeout`, startTimeout, { standard: '30s' }),
    prefix,
    log: safely(log),
  });
}

function noChoice(found: unknown): ConfigurationError {
  const shown =
    typeof found === 'string' ? `'${found.slice(0, 100)}'` : found === undefined ? 'missing' : typeof found;
  return new ConfigurationError(
    `${WHAT}: whenStale is ${shown}, and there is no default.`,
    "Choose what happens to requests once Redis was unreachable for 5 minutes (maxStaleness). whenStale: 'refuse' answers them 503. whenStale: 'accept' lets in callers whom another process may have revoked meanwhile. A function decides at that time.",
  );
}

/** A log that fails must not keep records from being read. */
function safely(log: LogSink | false): LogSink {
  if (log === false) return () => {};
  return (entry) => {
    try {
      log(entry);
    } catch {
      // Only the entry is lost.
    }
  };
}
