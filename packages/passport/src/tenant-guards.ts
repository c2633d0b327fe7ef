import type { Guard } from '@entra-guard/core';

/** Tenants whose tokens have held. */
const MAX_PROVEN = 500;
/** All other names: they may come from callers, and may be junk. */
const MAX_UNTRIED = 50;

/** A guard for the time of one request. */
export interface Lease {
  readonly guard: Guard;
  /**
   * Gives it back.
   *
   * @param proven whether a token of this tenant has held
   */
  release(proven: boolean): void;
}

/** One tenant's guard, and how many requests it is at work for. */
interface Place {
  readonly tenant: string;
  readonly guard: Guard;
  busy: number;
}

/**
 * Guards for the tenants that requests are sent to. A tenant is proven once a token of it has held; the names that have not
 * got so far share a few places, and never take one of a proven tenant. In both the least recently used leaves first, and
 * is closed as soon as it is at work for no request.
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
   * @throws ConfigurationError for what can't be a tenant
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

  /** It may have left in the meantime, and another one may have been proven under its name. */
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

  /** Those that it serves at the moment are served all the same. */
  #closeIfLeft(place: Place): void {
    const { tenant, guard, busy } = place;
    if (busy > 0 || this.#proven.get(tenant) === place || this.#untried.get(tenant) === place) return;
    guard.close();
  }
}

/** Puts a place last, where the most recently used ones are. */
function touch(places: Map<string, Place>, place: Place): void {
  places.delete(place.tenant);
  places.set(place.tenant, place);
}
