import type { HealthPart, HealthStatus } from '@entra-guard/core';
import type { Notices } from './notices.js';
import type { JobCount } from './queue.js';

/** The health of a leaver feed. Times are milliseconds since the epoch. For operators: it names the tenant. */
export interface LeaverHealth extends HealthPart {
  readonly part: 'feed';
  /** Whether this process asks Graph for changes and renews the subscription. */
  readonly leads: boolean;
  /** Users that wait to be looked at now. */
  readonly waiting: number;
  /** When all changes were last read, by any of the processes. */
  readonly lastPollAt?: number;
  /** When this process last received a notification. */
  readonly lastNotificationAt?: number;
  /** When the subscription ends unless it is renewed. */
  readonly subscriptionEndsAt?: number;
}

/** What health depends on. */
export interface FeedFacts {
  readonly tenantId: string;
  readonly shared: boolean;
  readonly running: boolean;
  /** When it was started. */
  readonly startedAt: number;
  readonly now: number;
  /** Milliseconds. */
  readonly pollEvery: number;
  readonly leads: boolean;
  readonly count: JobCount;
  readonly lastPollAt: number | undefined;
  /** When the last page of users was read: the first pass takes long in a large tenant. */
  readonly lastPageAt: number | undefined;
  readonly lastNotificationAt: number | undefined;
  readonly subscriptionEndsAt: number | undefined;
  readonly notices: Notices;
}

const MINUTE = 60_000;

/** Returns the health: `degraded` while something fails or is late, `down` once changes were not read for long. */
export function healthOf(facts: FeedFacts): LeaverHealth {
  const { tenantId, shared, leads, count, lastPollAt, lastNotificationAt, subscriptionEndsAt, notices, now } =
    facts;
  const { lastError, unreadable } = notices;
  const [status, message] = judge(facts);
  return {
    part: 'feed',
    name: tenantId,
    status,
    message,
    shared,
    leads,
    waiting: count.waiting,
    unreadable,
    ...(lastPollAt === undefined ? {} : { lastPollAt, ageMs: Math.max(0, now - lastPollAt) }),
    ...(lastNotificationAt === undefined ? {} : { lastNotificationAt }),
    ...(subscriptionEndsAt === undefined ? {} : { subscriptionEndsAt }),
    ...(lastError === undefined ? {} : { lastError }),
  };
}

function judge(facts: FeedFacts): readonly [HealthStatus, string] {
  const { running, startedAt, now, pollEvery, lastPollAt, lastPageAt, notices } = facts;
  if (!running) return ['down', 'The feed is not running: call start().'];
  const late =
    lastPollAt === undefined
      ? `All users are being read for the first time, since ${seconds(now - startedAt)}.`
      : `Changes of users were last read ${seconds(now - lastPollAt)} ago.`;
  const idle = now - Math.max(lastPageAt ?? 0, lastPollAt ?? 0, startedAt);
  if (idle > Math.max(10 * pollEvery, 15 * MINUTE)) return ['down', `${late} Leavers are not noticed.`];
  const failing = CONCERNS.find((concern) => notices.failing.has(concern));
  if (failing !== undefined) return ['degraded', `Leavers may be noticed late. ${SENTENCES[failing]}`];
  if (lastPollAt === undefined || now - lastPollAt > Math.max(3 * pollEvery, 2 * MINUTE)) {
    return ['degraded', late];
  }
  if (notices.unreadable > 0) return ['degraded', "Something in the queue can't be read by this release."];
  return ['up', 'Leavers are noticed.'];
}

/** The one that explains most comes first. */
const CONCERNS = ['queue', 'changes', 'users', 'subscription'] as const;

const SENTENCES = {
  queue: 'The queue is unavailable.',
  changes: 'Microsoft Graph could not be asked for changes.',
  users: 'Microsoft Graph could not be asked for a user, or the revocation could not be kept.',
  subscription: 'There is no subscription to changes; they are asked for.',
} as const;

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
