import { createHmac, type KeyObject } from 'node:crypto';
import type { ApprovalBinding, KeyRing } from '@entra-guard/core';
import { bindingText, requesterText, type Sealing } from '@entra-guard/core/approvals';

/** How the keys of approvals go on after the prefix, with the version: a release that keeps them otherwise has other keys. */
const APPROVALS = 'approvals:1';

/**
 * Names the keys of approvals. The names are keyed hashes, so that a reader of Redis can't find out what is approved by trying what it
 * may be.
 */
export class ApprovalNames {
  readonly #base: string;
  readonly #ring: KeyRing;
  readonly #sealing: Sealing;

  constructor(prefix: string, ring: KeyRing, sealing: Sealing) {
    this.#base = `${prefix}:${APPROVALS}`;
    this.#ring = ring;
    this.#sealing = sealing;
  }

  /** The key that leads from an ID to the record. */
  pointer(id: string): string {
    return `${this.#base}:id:${id}`;
  }

  /** The names of a binding's record, by each key of the ring; new ones have the first. */
  records(binding: ApprovalBinding): readonly string[] {
    return this.#hashed('record', bindingText(binding));
  }

  /** The names of what is pending of a caller, likewise. */
  pending(binding: ApprovalBinding): readonly string[] {
    return this.#hashed('pending', requesterText(binding));
  }

  /** Whether a text is the name of a record, and so may be looked up. */
  isRecord(name: string): boolean {
    const start = `${this.#base}:record:`;
    return name.startsWith(start) && /^[\w-]{43}$/.test(name.slice(start.length));
  }

  #hashed(what: string, text: string): readonly string[] {
    return this.#ring.ids.map((id) => {
      const key = this.#sealing.derive(id, 'approvals/v1 names') as KeyObject;
      return `${this.#base}:${what}:${createHmac('sha256', key).update(`${what} ${text}`).digest('base64url')}`;
    });
  }
}
