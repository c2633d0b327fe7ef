import { UnavailableError } from '@entra-guard/core';
import { isReadOnly } from '../log/epoch.js';
import { reasonOf } from './store-health.js';

/** The error for requests while it can't be known what others have revoked. */
export function notCurrent(why: string): UnavailableError {
  return new UnavailableError({
    part: 'revocations',
    message: `Revocations are not current. ${why}`,
    hint: 'Make Redis reachable for this process. The setting whenStale says what happens until then.',
    retryAfter: 5,
  });
}

/** The error for a record that holds in this process, and that Redis has not confirmed. */
export function notShared(reason: unknown): UnavailableError {
  const readOnly = isReadOnly(reason);
  return new UnavailableError({
    part: 'revocations',
    message: `The change holds in this process, and Redis has not confirmed it: ${reasonOf(reason)}`,
    hint: readOnly
      ? 'Change revocations in a process whose Redis user may write: docs/revocation-redis.md has the rules for both users.'
      : 'It is written as soon as Redis is reachable, and holds in other processes from then on. Repeat the call to wait for that.',
    retryAfter: 5,
    cause: reason,
  });
}
