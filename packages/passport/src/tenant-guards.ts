import type { Guard } from '@entra-guard/core';

/** Maximum number of proven tenants: those that have sent a valid token. */
const MAX_PROVEN = 500;
/** Maximum number of other names. They may come from callers and may be junk. */
const MAX_UNTRIED = 50;

/** A guard for the duration of one request. */
export interface Lease {
  readonly guard: Guard;
  /**
   * Releases the guard.
   *
   * @param proven whether a token of this tenant was valid
   */
  release(proven: boolean): void;
}

/** One tenant's guard, and the number of requests it serves now. */
interface Place {
  readonly tenant: string;
  readonly guard: Guard;
  busy: number;
}

/**
 * Guards for the tenants that requests are sent to. A tenant is proven once it has sent a valid token. Other names share a
 * few places and never evict a proven tenant. The least recently used guard is evicted first, and closed as soon as it
 * serves no request.
 */
export class TenantGuards {
  readonly #build: (tenant: string) => Guard;
  readonly #proven = new Map<string, Place>();
  readonly #untried = new Map<string, Place>();

  constructor(build: (tenant: string) => Guard) {
    this.#build = build;
  }

  /**
   * @param tenant a GUID or a domain
   * @throws ConfigurationError for an invalid tenant
   */
  lease(tenant: string): Lease {
    const name = tenant.toLowerCase();
    const place = this.#find(name);
    place.busy++;
    let released = false;
    return {
      guard: place.guard,
      release: (proven) => {
        if (released) return;
        released = true;
        place.busy--;
        if (proven) this.#prove(place);
        this.#closeIfLeft(place);
      },
    };
  }

  #find(name: string): Place {
    const proven = this.#proven.get(name);
    if (proven !== undefined) {
      touch(this.#proven, proven);
      return proven;
    }
    const place = this.#untried.get(name) ?? { tenant: name, guard: this.#build(name), busy: 0 };
    this.#keep(this.#untried, place, MAX_UNTRIED);
    return place;
  }

  /** Moves a place to the proven ones. It may have been evicted meanwhile, and another guard proven under its name. */
  #prove(place: Place): void {
    if (this.#proven.has(place.tenant)) return;
    const waiting = this.#untried.get(place.tenant);
    this.#untried.delete(place.tenant);
    this.#keep(this.#proven, place, MAX_PROVEN);
    if (waiting !== undefined && waiting !== place) this.#closeIfLeft(waiting);
  }

  #keep(places: Map<string, Place>, place: Place, limit: number): void {
    touch(places, place);
    if (places.size <= limit) return;
    const [oldest] = places.values();
    if (oldest === undefined) return;
    places.delete(oldest.tenant);
    this.#closeIfLeft(oldest);
  }

  /** Closes an evicted guard, unless it still serves requests. */
  #closeIfLeft(place: Place): void {
    const { tenant, guard, busy } = place;
    if (busy > 0 || this.#proven.get(tenant) === place || this.#untried.get(tenant) === place) return;
    void guard.close();
  }
}

/** Moves a place to the end, as the most recently used one. */
function touch(places: Map<string, Place>, place: Place): void {
  places.delete(place.tenant);
  places.set(place.tenant, place);
}
