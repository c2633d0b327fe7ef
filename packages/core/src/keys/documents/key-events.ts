import { EventChannel } from '../../base/event-channel.js';

/** The name of the `node:diagnostics_channel` that carries {@link KeyEvent}s. */
export const KEYS_CHANNEL = 'entra-guard:keys';

/** Why a document is read: for the first time, because of its age, or because a token named an unknown key. */
export type RefreshReason = 'first' | 'age' | 'unknown_key';

/** Members of every {@link KeyEvent}. Times are milliseconds since the epoch. */
export interface KeyEventPlace {
  readonly time: number;
  readonly document: 'metadata' | 'keys';
  readonly url: string;
}

/** A document was read. */
export interface RefreshedEvent extends KeyEventPlace {
  readonly type: 'refreshed';
  readonly why: RefreshReason;
  /** IDs of all keys in the document; empty for metadata. */
  readonly keyIds: readonly string[];
  /** IDs of the keys that were not in it before. */
  readonly added: readonly string[];
}

/** An attempt to read a document failed. */
export interface FailedEvent extends KeyEventPlace {
  readonly type: 'failed';
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
export interface StaleEvent extends KeyEventPlace {
  readonly type: 'stale';
  readonly fetchedAt: number;
  readonly trustedUntil: number;
  /** Why it could not be refreshed. */
  readonly reason: string;
}

/** Keys are no longer trusted. */
export interface RemovedEvent extends KeyEventPlace {
  readonly type: 'removed';
  readonly keyIds: readonly string[];
  /**
   * `unpublished`: no longer in the set; `replaced`: another key has the ID now; `expired`: past the hard age and not
   * refreshed.
   */
  readonly why: 'unpublished' | 'replaced' | 'expired';
}

/** What happens to signing keys and to the metadata that names them. Holds no token. */
export type KeyEvent = RefreshedEvent | FailedEvent | StaleEvent | RemovedEvent;

/** The channel on which key events are published. */
export const keyEvents = new EventChannel<KeyEvent>(KEYS_CHANNEL);

/**
 * Calls `listener` with the key events of every validator in this process. Ignores what it throws.
 *
 * @returns a function that unsubscribes the listener
 */
export function onKeys(listener: (event: KeyEvent) => void): () => void {
  return keyEvents.on(listener);
}
