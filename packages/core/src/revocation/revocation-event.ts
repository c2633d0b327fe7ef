import { type EventBase, EventChannel } from '../base/event-channel.js';
import type { RevocationRecord } from '../options/revocations.js';

/** Members of every {@link RevocationEvent} about a record. Times are milliseconds since the epoch. */
export interface RevocationEventBase extends EventBase {
  readonly type: 'revocation';
  /** The ID of the record. */
  readonly id: string;
}

/** Access was revoked in this process. */
export interface AccessRevoked extends RevocationEventBase {
  readonly change: 'revoked';
  readonly record: RevocationRecord;
}

/** A record was lifted in this process. */
export interface RevocationLifted extends RevocationEventBase {
  readonly change: 'lifted';
  /** Why it was lifted. */
  readonly because: string;
  readonly record: RevocationRecord;
}

/** This process refuses from now on what another one has revoked, or no longer refuses what another one has lifted. */
export interface RevocationApplied extends RevocationEventBase {
  readonly change: 'applied';
  /** How long after it was set, in milliseconds, by the clocks of the two machines. */
  readonly lagMs: number;
}

/** A caller has revoked or lifted over HTTP. Follows the event of the change itself, if there was one. */
export interface RevocationRequested extends RevocationEventBase {
  readonly change: 'requested';
  readonly action: 'revoke' | 'lift';
  readonly record: RevocationRecord;
  readonly because: string;
  /** Who has asked for it, as the verified token says. */
  readonly by: {
    readonly kind: 'user' | 'app';
    readonly tenantId: string;
    readonly objectId: string | undefined;
    readonly clientId: string;
    readonly subjectKey: string;
  };
}

/** Members of every {@link RevocationStoreEvent}. */
export interface RevocationStoreEventBase extends EventBase {
  readonly type: 'revocation';
  /** The store, as its part of the health names it: over Redis, the prefix. */
  readonly store: string;
}

/**
 * This process can't know any more what others have revoked, for longer than the store's settings allow; or it is told anew what to
 * answer meanwhile. What it knows to be revoked stays refused.
 */
export interface RevocationsStale extends RevocationStoreEventBase {
  readonly change: 'stale';
  /** What happens from now on to callers whom no known record refuses: 503, or they are let in. */
  readonly whenStale: 'refuse' | 'accept';
  /** Why, for operators. */
  readonly reason: string;
}

/** This process knows again what others have revoked. Follows {@link RevocationsStale}. */
export interface RevocationsFresh extends RevocationStoreEventBase {
  readonly change: 'fresh';
  /** For how long it has answered as `whenStale` says, in milliseconds. */
  readonly staleMs: number;
}

/** That a shared store is no longer current, and that it is current again. */
export type RevocationStoreEvent = RevocationsStale | RevocationsFresh;

/** What is revoked and lifted, by whom it was set and since when it holds here, and whether that is current. Holds no token. */
export type RevocationEvent =
  | AccessRevoked
  | RevocationLifted
  | RevocationApplied
  | RevocationRequested
  | RevocationStoreEvent;

/** Where the core publishes it. */
export const revocationEvents = new EventChannel<RevocationEvent>('revocation');
