import type { Reserve } from './fetch-budget.js';
import type { RemoteDocument } from './remote-document.js';
import type { Lease } from './shared-documents.js';

/** How a shelf holds a document. */
export interface Holding {
  /** Whether the shelf still holds the document. A discarded one is no longer read through this shelf. */
  readonly held: boolean;
  /** Whether the document was used without being taken, since the leases were last put in order. */
  used: boolean;
}

interface Held extends Holding {
  readonly name: string;
  readonly lease: Lease<unknown>;
  held: boolean;
}

/**
 * A bounded number of leases. Discards unproven leases first, which no verified token has needed yet, and then the
 * least recently used. So junk that names one tenant after another can't displace the keys of tenants with real
 * callers.
 */
export class LeaseShelf<T> {
  readonly #most: number;
  readonly #mostUnproven: number;
  #closed = false;
  readonly #holdings = new WeakMap<RemoteDocument<unknown>, Held>();
  /** Unproven leases, in the order of their last use. */
  readonly #unproven = new Map<string, Lease<T>>();
  readonly #proven = new Map<string, Lease<T>>();
  /**
   * The reserves of proven documents, also after their lease was discarded: a document that is taken again is still
   * proven. Bounded by the options.
   */
  readonly #reserves = new Map<string, Reserve>();

  /** @param mostUnproven most unproven leases; default `most` */
  constructor(most: number, mostUnproven = most) {
    this.#most = most;
    this.#mostUnproven = mostUnproven;
  }

  get documents(): readonly RemoteDocument<T>[] {
    return [...this.#unproven.values(), ...this.#proven.values()].map(({ document }) => document);
  }

  /** Returns the lease of that name, and counts it as used now. */
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
      // Requests that were under way when the shelf was closed end at once, like those that waited.
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

  /** Notes that a verified token needed the document of that name. */
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

  /**
   * Notes that a verified token needed a document of this shelf. Takes it back, with its value, if it was discarded
   * meanwhile.
   */
  proveDocument(document: RemoteDocument<T>): void {
    const holding = this.#holdings.get(document) as Held;
    const { name, lease } = holding;
    this.prove(name);
    if (holding.held || this.#closed || this.#proven.has(name) || !lease.renew()) return;
    holding.held = true;
    document.proven(this.#reserves.get(name) as Reserve);
    this.#proven.set(name, lease as Lease<T>);
  }

  /** Returns how this shelf holds a document that was taken from it. */
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
