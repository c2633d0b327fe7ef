import type { EventBase } from '@entra-guard/core';

declare module '@entra-guard/core' {
  interface EventTypes {
    'sealed-entry': SealedEntryEvent;
  }
}

/** An entry of a sealed store could not be used, and counted as missing. It was changed, moved or planted, or another release or key ring wrote it. */
export interface SealedEntryEvent extends EventBase {
  readonly type: 'sealed-entry';
  /**
   * `form`: it is not an entry; `version`: of a later release; `key`: sealed with a key that the ring lacks; `seal`: changed, moved, or
   * sealed with another secret; `content`: opened, but not what was asked for.
   */
  readonly problem: 'form' | 'version' | 'key' | 'seal' | 'content';
  /** The store's key, a hash. */
  readonly place: string;
  /** The ID of the key that it names; only for `key`. */
  readonly keyId?: string;
}
