import { ConfigurationError } from '@entra-guard/core';

/**
 * Reads the prefix of keys of which each stands alone, so that a cluster may spread them.
 *
 * @param what the function that was given it
 * @throws ConfigurationError for anything but 1 to 100 visible ASCII characters
 */
export function ownPrefix(what: string, prefix: unknown): string {
  if (typeof prefix === 'string' && /^[\x21-\x7e]{1,100}$/.test(prefix)) return prefix;
  throw new ConfigurationError(
    `${what}: prefix is ${typeof prefix === 'string' ? 'empty, too long, or has spaces' : `of type ${typeof prefix}`}.`,
    "Pass 1 to 100 printable characters: 'orders:tokens'.",
  );
}
