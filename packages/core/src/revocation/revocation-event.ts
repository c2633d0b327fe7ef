import { type EventBase, EventChannel } from '../base/event-channel.js';
import type { RevocationRecord } from '../options/revocations.js';

/** Members of every {@link RevocationEvent}. Times are milliseconds since the epoch. */
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

/** What is revoked and lifted, by whom it was set and since when it holds here. Holds no token. */
export type RevocationEvent = AccessRevoked | RevocationLifted | RevocationApplied | RevocationRequested;

/** Where the core publishes it. */
export const revocationEvents = new EventChannel<RevocationEvent>('revocation');
