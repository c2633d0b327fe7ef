import { EventChannel } from '../../base/event-channel.js';

/** The name of the `node:diagnostics_channel` that carries {@link KeyEvent}s. */
export const KEYS_CHANNEL = 'entra-guard:keys';

/** Why a document is read: never read before, too old, or a token named a key that is not in it. */
export type RefreshReason = 'first' | 'age' | 'unknown_key';

/** What every {@link KeyEvent} tells. Times are milliseconds since the epoch. */
export interface KeyEventPlace {
  readonly time: number;
  readonly document: 'metadata' | 'keys';
  readonly url: string;
}

/** A document was read. */
export interface RefreshedEvent extends KeyEventPlace {
  readonly type: 'refreshed';
  readonly why: RefreshReason;
  /** IDs of the keys that are there now; empty for metadata. */
  readonly keyIds: readonly string[];
  /** IDs of those that were not there before. */
  readonly added: readonly string[];
}

/** An attempt to read a document failed. */
export interface FailedEvent extends KeyEventPlace {
  readonly type: 'failed';
  readonly why: RefreshReason;
  /** What went wrong, in words. */
  readonly reason: string;
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** No attempt before this time. */
  readonly retryAt: number;
  /** Until when the copy at hand goes on serving; `undefined`: there is none, and what needs it is answered 503. */
  readonly trustedUntil: number | undefined;
}

/** A copy is past its soft age and could not be refreshed: the last known good one serves. Once for each copy. */
export interface StaleEvent extends KeyEventPlace {
  readonly type: 'stale';
  readonly fetchedAt: number;
  readonly trustedUntil: number;
  /** Why it could not be refreshed. */
  readonly reason: string;
}

/** Keys are trusted no more. */
export interface RemovedEvent extends KeyEventPlace {
  readonly type: 'removed';
  readonly keyIds: readonly string[];
  /**
   * `unpublished`: no longer in the set; `replaced`: another key has taken the ID; `expired`: past the hard age and not
   * refreshed.
   */
  readonly why: 'unpublished' | 'replaced' | 'expired';
}

/** What happens to signing keys and to the metadata that leads to them. Holds no token. */
export type KeyEvent = RefreshedEvent | FailedEvent | StaleEvent | RemovedEvent;

/** Where key events are published. */
export const keyEvents = new EventChannel<KeyEvent>(KEYS_CHANNEL);

/**
 * Calls `listener` with what happens to the keys of every validator in this process. What it throws is ignored.
 *
 * @returns a function that ends it
 */
export function onKeys(listener: (event: KeyEvent) => void): () => void {
  return keyEvents.on(listener);
}
