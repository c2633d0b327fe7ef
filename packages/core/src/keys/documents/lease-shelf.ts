import type { Reserve } from './fetch-budget.js';
import type { RemoteDocument } from './remote-document.js';
import type { Lease } from './shared-documents.js';

/** How a document is held. */
export interface Holding {
  /** Whether it still is: one that was discarded is read by nobody of this shelf any more. */
  readonly held: boolean;
  /** Was relied on without being taken, since leases were last put in order. */
  used: boolean;
}

interface Held extends Holding {
  readonly name: string;
  readonly lease: Lease<unknown>;
  held: boolean;
}

/**
 * Leases within a bound. Those that no good token has needed yet leave first, so that junk which names one tenant after
 * another pushes out nobody's keys but those of tenants nobody comes from; then those not used for longest.
 */
export class LeaseShelf<T> {
  readonly #most: number;
  readonly #mostUnproven: number;
  #closed = false;
  readonly #holdings = new WeakMap<RemoteDocument<unknown>, Held>();
  /** In the order of their last use. */
  readonly #unproven = new Map<string, Lease<T>>();
  readonly #proven = new Map<string, Lease<T>>();
  /** Outlives the lease: a known tenant's document that had to leave comes back as a known one. Bounded by the options. */
  readonly #reserves = new Map<string, Reserve>();

  /** @param mostUnproven how many of them may be unproven; default all */
  constructor(most: number, mostUnproven = most) {
    this.#most = most;
    this.#mostUnproven = mostUnproven;
  }

  get documents(): readonly RemoteDocument<T>[] {
    return [...this.#unproven.values(), ...this.#proven.values()].map(({ document }) => document);
  }

  /** The lease of that name, which counts as used now. */
  take(name: string, make: () => Lease<T>): Lease<T> {
    for (const shelf of [this.#proven, this.#unproven]) {
      const lease = shelf.get(name);
      if (lease === undefined) continue;
      shelf.delete(name);
      shelf.set(name, lease);
      return lease;
    }
    const lease = make();
    this.#holdings.set(lease.document, { name, lease, held: !this.#closed, used: false });
    if (this.#closed) {
      // Whoever was under way then is answered at once, like those who waited.
      lease.close();
      return lease;
    }
    const { size } = this.#unproven;
    if (size >= this.#mostUnproven || size + this.#proven.size >= this.#most) this.#discardOne();
    const reserve = this.#reserves.get(name);
    if (reserve === undefined) {
      this.#unproven.set(name, lease);
    } else {
      lease.document.proven(reserve);
      this.#proven.set(name, lease);
    }
    return lease;
  }

  /** A good token needed the document of that name. */
  prove(name: string): void {
    if (this.#reserves.has(name)) return;
    const reserve: Reserve = { usedAt: undefined };
    this.#reserves.set(name, reserve);
    const lease = this.#unproven.get(name);
    if (lease === undefined) return;
    lease.document.proven(reserve);
    this.#unproven.delete(name);
    this.#proven.set(name, lease);
  }

  /** A good token needed a document that was taken here. One that had to leave meanwhile comes back, with what it holds. */
  proveDocument(document: RemoteDocument<T>): void {
    const holding = this.#holdings.get(document) as Held;
    const { name, lease } = holding;
    this.prove(name);
    if (holding.held || this.#closed || this.#proven.has(name) || !lease.renew()) return;
    holding.held = true;
    document.proven(this.#reserves.get(name) as Reserve);
    this.#proven.set(name, lease as Lease<T>);
  }

  /** How a document is held that was taken here. */
  holding(document: RemoteDocument<unknown>): Holding {
    return this.#holdings.get(document) as Holding;
  }

  close(): void {
    this.#closed = true;
    for (const shelf of [this.#unproven, this.#proven]) {
      for (const lease of shelf.values()) lease.close();
      shelf.clear();
    }
  }

  #discardOne(): void {
    const shelf = this.#unproven.size > 0 ? this.#unproven : this.#proven;
    for (const [name, lease] of shelf) {
      const holding = this.#holdings.get(lease.document) as Held;
      shelf.delete(name);
      if (holding.used) {
        holding.used = false;
        shelf.set(name, lease);
        continue;
      }
      holding.held = false;
      lease.release();
      return;
    }
  }
}
