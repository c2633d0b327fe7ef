import { type EventBase, EventChannel } from '../../base/event-channel.js';

/** Why a document is read: for the first time, because of its age, or because a token named an unknown key. */
export type RefreshReason = 'first' | 'age' | 'unknown_key';

/** Members of every {@link KeyEvent}. Times are milliseconds since the epoch. */
export interface KeyEventBase extends EventBase {
  readonly type: 'keys';
  readonly document: 'metadata' | 'keys';
  readonly url: string;
}

/** A document was read. */
export interface KeysRefreshed extends KeyEventBase {
  readonly change: 'refreshed';
  readonly why: RefreshReason;
  /** IDs of all keys in the document; empty for metadata. */
  readonly keyIds: readonly string[];
  /** IDs of the keys that were not in it before. */
  readonly added: readonly string[];
}

/** An attempt to read a document failed. */
export interface KeysFailed extends KeyEventBase {
  readonly change: 'failed';
  readonly why: RefreshReason;
  /** What went wrong, in words. */
  readonly reason: string;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** No attempt before this time. */
  readonly retryAt: number;
  /**
   * Until when the loaded copy stays in use; `undefined` if there is none, so that requests which need it are answered
   * 503.
   */
  readonly trustedUntil: number | undefined;
}

/**
 * A copy is past its soft age and could not be refreshed. It stays in use as the last known good one. Published once
 * per copy.
 */
export interface KeysStale extends KeyEventBase {
  readonly change: 'stale';
  readonly fetchedAt: number;
  readonly trustedUntil: number;
  /** Why it could not be refreshed. */
  readonly reason: string;
}

/** Keys are no longer trusted. */
export interface KeysRemoved extends KeyEventBase {
  readonly change: 'removed';
  readonly keyIds: readonly string[];
  /**
   * `unpublished`: no longer in the set; `replaced`: another key has the ID now; `expired`: past the hard age and not
   * refreshed.
   */
  readonly why: 'unpublished' | 'replaced' | 'expired';
}

/** What happens to signing keys and to the metadata that names them. Holds no token. */
export type KeyEvent = KeysRefreshed | KeysFailed | KeysStale | KeysRemoved;

/** Where key events are published. */
export const keyEvents = new EventChannel<KeyEvent>('keys');
