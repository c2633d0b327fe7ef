import { ConfigurationError, UnavailableError } from '../base/errors.js';
import type { HealthPart } from '../base/health.js';
import { printable } from '../base/printable.js';

const NEARLY_FULL = 0.8;

/** Returns the health of a store that works, which depends on how full it is: `degraded` from 80 % on. */
export function fillOf(
  entries: number,
  maxEntries: number,
  facts: Pick<HealthPart, 'name' | 'shared' | 'unreadable' | 'staleMs'>,
): HealthPart {
  const isNearlyFull = entries >= maxEntries * NEARLY_FULL;
  return {
    part: 'revocations',
    status: isNearlyFull ? 'degraded' : 'up',
    message: isNearlyFull
      ? `${entries} of at most ${maxEntries} revocations are in use; further ones will be refused.`
      : 'Revocations are current.',
    ...facts,
    entries,
  };
}

/** The error for a store that takes no further record. */
export function full(maxEntries: number): UnavailableError {
  return new UnavailableError({
    part: 'revocations',
    code: 'revocations_full',
    message: `Nothing was revoked: there are ${maxEntries} records, as many as maxEntries allows.`,
    hint: 'Raise maxEntries, or revoke a wider target such as the tenant. What was revoked before stays revoked.',
    retryAfter: 60,
  });
}

/** The error for an ID that no record has. */
export function unknown(id: unknown): ConfigurationError {
  return new ConfigurationError(
    `There is no revocation with the ID ${printable(id)}.`,
    'List them with list(), and copy the id. A record that has ended needs no lifting.',
  );
}
