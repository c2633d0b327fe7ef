import { ConfigurationError } from '@entra-guard/core';

/** The keys of one prefix. They have no time to live: what has ended is removed by those that write. */
export interface Keys {
  /** A random text. It is gone, or another one, when the server has lost its data. */
  readonly epoch: string;
  /** There for some seconds after the epoch was made, while processes that know entries write them again. */
  readonly young: string;
  /** Sorted set: all entries, by their end. */
  readonly state: string;
  /** Stream: entries in the order in which they were written, for the last two hours. */
  readonly log: string;
}

/** In braces: a hash tag, so that one server of a cluster has all keys. */
export const STANDARD_PREFIX = '{entra-guard}';

/**
 * Reads the option `prefix`.
 *
 * @throws ConfigurationError for a prefix that is not 1 to 100 visible ASCII characters, or has a character of key patterns
 */
export function prefixFrom(what: string, prefix: unknown = STANDARD_PREFIX): string {
  if (isPrefix(prefix)) return prefix;
  throw new ConfigurationError(
    `${what}: prefix is ${typeof prefix === 'string' ? `'${prefix.slice(0, 100)}'` : typeof prefix}.`,
    `Pass up to 100 visible ASCII characters without * ? [ ] \\, such as the default, '${STANDARD_PREFIX}'.`,
  );
}

function isPrefix(prefix: unknown): prefix is string {
  return typeof prefix === 'string' && /^[!-~]{1,100}$/.test(prefix) && !/[*?[\]\\]/.test(prefix);
}

/** Returns the keys of a prefix. @throws ConfigurationError for an invalid one */
export function keysOf(what: string, given?: unknown): Keys {
  const prefix = prefixFrom(what, given);
  return {
    epoch: `${prefix}:epoch`,
    young: `${prefix}:young`,
    state: `${prefix}:state`,
    log: `${prefix}:log`,
  };
}

/**
 * Checks that all keys of a prefix are on one server of a cluster (Redis Cluster specification, hash tags).
 *
 * @throws ConfigurationError that says how to write the prefix
 */
export function assertHashTag(what: string, prefix: string): void {
  if (/^[^{]*\{[^}]+\}/.test(prefix)) return;
  throw new ConfigurationError(
    `${what}: prefix is '${prefix}', whose keys are on several servers of the cluster.`,
    `Put a part of it in braces, which keeps them on one: '{${prefix}}'.`,
  );
}
