import type { LogSink } from '../../base/log.js';
import type { KeyLimits } from '../../options/key-limits.js';
import { type Seed } from '../../options/key-snapshot.js';
import { type DocumentKind, RemoteDocument } from './remote-document.js';
import { seededCopy } from './seeded-copy.js';

/** What two readers must have in common, in addition to the URL, to share a document. */
export interface Surroundings {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly limits: KeyLimits;
  /** Saved copies to start with. */
  readonly seed: Seed | undefined;
  readonly log: LogSink;
}

interface Shared {
  readonly document: RemoteDocument<unknown>;
  users: number;
}

/**
 * Shared documents, by fetch, then by clock, then by URL, limits, purpose and seed. So a validator never gets keys of a
 * local Entra that answers production URLs through its own fetch, nor keys with which another one was seeded.
 */
const byFetch = new WeakMap<object, WeakMap<object, Map<string, Shared>>>();

/** A document of this process, shared by all readers of the same source. */
export interface Lease<T> {
  readonly document: RemoteDocument<T>;
  /** Gives the document back. Requests that wait for it are still answered. */
  readonly release: () => void;
  /** Takes the document again after it was given back. @returns whether it is still the shared one */
  readonly renew: () => boolean;
  /** Gives the document back, and aborts its exchange if no other reader holds it. */
  readonly close: () => void;
}

export function leaseDocument<T>(url: string, kind: DocumentKind<T>, surroundings: Surroundings): Lease<T> {
  const { fetch, now, limits, seed, log } = surroundings;
  const byClock = byFetch.get(fetch) ?? new WeakMap<object, Map<string, Shared>>();
  byFetch.set(fetch, byClock);
  const documents = byClock.get(now) ?? new Map<string, Shared>();
  byClock.set(now, documents);
  const key = JSON.stringify([url, kind.purpose, limits, seed?.id]);
  const shared: Shared = documents.get(key) ?? {
    document: new RemoteDocument(
      { url, fetch, now, limits, kind, log },
      seededCopy(seed, url, kind, now, log),
    ),
    users: 0,
  };
  documents.set(key, shared);
  shared.users++;
  let held = true;
  const giveBack = (): boolean => {
    if (!held) return false;
    held = false;
    shared.users--;
    if (shared.users > 0) return false;
    documents.delete(key);
    return true;
  };
  return {
    // The key includes the purpose, so this entry was made with the same `parse`.
    document: shared.document as RemoteDocument<T>,
    release: () => {
      giveBack();
    },
    renew: () => {
      if ((documents.get(key) ?? shared) !== shared) return false;
      documents.set(key, shared);
      shared.users++;
      held = true;
      return true;
    },
    close: () => {
      if (giveBack()) shared.document.close();
    },
  };
}
