import { ConfigurationError } from '../base/errors.js';
import { type Instant, millisecondsFromText, millisecondsOf } from '../base/instant.js';
import { assertCountsNothing } from './counting.js';
import { knownOptions } from './kinds/values.js';
import { tighteningsIn } from './kinds.js';
import { assertDecides, type Grant, Requirement } from './requirement.js';

/** When a {@link tighten} switches. */
export interface TightenOptions {
  /** From when on `next` decides: a `Date`, or milliseconds since the epoch. */
  readonly until: Instant;
}

const EXAMPLE = "tighten(now, next, { until: new Date('2030-01-31') })";

/**
 * Makes a rule stricter without an outage: `now` decides before `until`, and `next` from then on. Until then the audit event of
 * each caller whom `next` would refuse has `trial`, which says what that caller lacks; the log warns from 14 days before. The
 * checks inside `next` do not run before `until`.
 *
 * ```ts
 * const read = scopes('Orders.Read');
 * tighten(read, allOf(read, userRoles('Orders.Reader')), { until: new Date('2030-01-31') });
 * ```
 *
 * @throws ConfigurationError for what is not a grant, for a `tighten` inside a `tighten`, without a valid `until`, and for
 * unknown options
 */
export function tighten(now: Grant, next: Grant, options: TightenOptions): Grant {
  for (const part of [now, next]) assertGrant(part);
  const until = new Date(millisecondsOf('tighten(...): until', untilIn(options))).toISOString();
  return new Requirement(
    'grant',
    { kind: 'tighten', now: now.node, next: next.node, until },
    [...now.reasons, ...next.reasons],
    [...now.catalogues, ...next.catalogues],
  );
}

/** Builds one that was read from text or JSON, which hold `until` in ISO 8601. */
export function tightenFromText(now: Requirement, next: Requirement, options: object): Grant {
  const until = millisecondsFromText('tighten(...): until', untilIn(options as TightenOptions));
  return tighten(now as Grant, next as Grant, { until });
}

function assertGrant(part: unknown): void {
  assertDecides('tighten(...)', part);
  if (part.role === 'anonymous') {
    throw new ConfigurationError(
      'tighten(...) was given anonymous(), which does not read a token, so there is no caller to judge.',
      "Both have to be grants: authenticated(), scopes('…').",
    );
  }
  assertCountsNothing('tighten', part);
  if (tighteningsIn(part.node).length === 0) return;
  throw new ConfigurationError(
    `tighten(...) was given ${part}, which switches itself.`,
    `Make one change after the other: begin the second with ${EXAMPLE} when the first is over.`,
  );
}

function untilIn(options: TightenOptions): unknown {
  const given = typeof options === 'object' && options !== null ? options : {};
  const { until } = knownOptions<Partial<TightenOptions>>('tighten', given, ['until']);
  if (until !== undefined) return until;
  throw new ConfigurationError(
    'tighten(...) was not told until when its first requirement decides.',
    `Write: ${EXAMPLE}.`,
  );
}
