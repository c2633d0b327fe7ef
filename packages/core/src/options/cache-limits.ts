import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown, assertObject } from './option-readers.js';
import type { CacheOptions } from './options.js';

const CACHE: Readonly<
  Record<keyof CacheOptions, { readonly standard: number; readonly most: number; readonly what: string }>
> = {
  maxEntries: { standard: 10_000, most: 1_000_000, what: 'a whole number of tokens' },
  maxBytes: { standard: 33_554_432, most: Number.MAX_SAFE_INTEGER, what: 'a whole number of bytes' },
  maxAge: { standard: 86_400, most: 86_400, what: 'a whole number of seconds' },
};

/** Reads the option `cache`; `undefined` if it is `false`. @throws ConfigurationError */
export function resolveCache(given: unknown = {}): Required<CacheOptions> | undefined {
  if (given === false) return undefined;
  assertObject('cache', given, '{ maxEntries, maxBytes, maxAge }, or false for none');
  const values = ownOptions('cache', given as Readonly<Record<string, unknown>>, Object.keys(CACHE));
  assertKnown('option in cache called', values, Object.keys(CACHE));
  const limit = (name: keyof CacheOptions): number => {
    const { standard, most, what } = CACHE[name];
    const value = values[name] ?? standard;
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most)
      return value as number;
    throw new ConfigurationError(
      `cache.${name} is ${printable(value)}.`,
      `It is ${what}, from 1 to ${most}; ${standard} by default. To switch the cache off, set cache: false.`,
    );
  };
  const limits = { maxEntries: limit('maxEntries'), maxBytes: limit('maxBytes'), maxAge: limit('maxAge') };
  const most = Math.floor(limits.maxBytes / estimatedBytes(USUAL_LENGTH));
  if (values.maxEntries !== undefined && limits.maxEntries > Math.max(1, most)) {
    throw new ConfigurationError(
      `cache.maxEntries is ${limits.maxEntries}, and cache.maxBytes (${limits.maxBytes}) holds about ${most} tokens of ${USUAL_LENGTH} characters.`,
      `Set maxBytes to ${limits.maxEntries * estimatedBytes(USUAL_LENGTH)} or more, or maxEntries to at most ${most}.`,
    );
  }
  return Object.freeze(limits);
}

/** The length of a usual token in characters: of a user with a few groups and roles. */
const USUAL_LENGTH = 1350;

/**
 * Estimates the memory of a cached token in bytes, from measured heaps: its caller, claims, sets and index.
 *
 * @param tokenLength in characters
 */
export function estimatedBytes(tokenLength: number): number {
  return 512 + 2 * tokenLength;
}
