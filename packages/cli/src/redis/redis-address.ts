import { BadInputError } from '../bad-input.js';
import type { Host } from '../host.js';

/** Where the address may be left, so that a password is not in the list of processes. */
export const REDIS_VARIABLE = 'ENTRA_GUARD_REDIS_URL';

/** Where a Redis is. */
export interface RedisAddress {
  /** With user and password. Never printed. */
  readonly url: string;
  /** Without them, for people. */
  readonly shown: string;
  readonly tls: boolean;
  /** Whether it is on this machine, so that no network reads along. */
  readonly loopback: boolean;
  /** Whether a password was written on the command line. */
  readonly exposed: boolean;
}

/**
 * Reads the address: from the flag, else from the environment. `undefined` where neither names one.
 *
 * @throws BadInputError for anything but a redis: or rediss: URL; it never holds what was found
 */
export function redisAddress(flag: string | undefined, env: Host['env']): RedisAddress | undefined {
  const left = env[REDIS_VARIABLE]?.trim();
  const given = flag ?? (left === '' ? undefined : left);
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new BadInputError(
      `${flag === undefined ? REDIS_VARIABLE : '--redis'} is not the URL of a Redis.`,
      'Write redis://host:6379, or rediss://user:password@host:6380 with TLS. Percent-encode characters such as @ and / in the password.',
    );
  }
  const { protocol, host, hostname, pathname, password } = url;
  return {
    url: given,
    shown: `${protocol}//${host}${pathname === '/' ? '' : pathname}`,
    tls: protocol === 'rediss:',
    loopback: isLoopback(hostname),
    exposed: flag !== undefined && password !== '',
  };
}

/** Whether a host name of a URL is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}
