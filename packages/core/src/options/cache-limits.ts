import { type DurationRange, secondsOf } from '../base/duration.js';
import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown, assertObject } from './option-readers.js';

/** The limits of a cache of tokens. */
export interface CacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxAgeSeconds: number;
}

const COUNTS = {
  maxEntries: { standard: 10_000, most: 1_000_000, what: 'tokens' },
  maxBytes: { standard: 33_554_432, most: Number.MAX_SAFE_INTEGER, what: 'bytes' },
} as const;

const MAX_AGE: DurationRange = { standard: '1d', most: '1d' };

const NAMES = [...Object.keys(COUNTS), 'maxAge'];

/** Reads the option `cache`; `undefined` if it is `false`. @throws ConfigurationError */
export function resolveCache(given: unknown = {}): CacheLimits | undefined {
  if (given === false) return undefined;
  assertObject('cache', given, '{ maxEntries, maxBytes, maxAge }, or false for none');
  const values = ownOptions('cache', given as Readonly<Record<string, unknown>>, NAMES);
  assertKnown('option in cache called', values, NAMES);
  const limit = (name: keyof typeof COUNTS): number => {
    const { standard, most, what } = COUNTS[name];
    const value = values[name] ?? standard;
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most)
      return value as number;
    throw new ConfigurationError(
      `cache.${name} is ${printable(value)}.`,
      `It is a whole number of ${what}, from 1 to ${most}; ${standard} by default. To switch the cache off, set cache: false.`,
    );
  };
  const limits = {
    maxEntries: limit('maxEntries'),
    maxBytes: limit('maxBytes'),
    maxAgeSeconds: secondsOf('cache.maxAge', values.maxAge, MAX_AGE),
  };
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
