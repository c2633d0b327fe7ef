import type { Guard } from '@entra-guard/core';

const MAX_GUARDS = 100;
/** Longer than any request waits for metadata or for a hook. */
const GRACE = 30_000;

/** Guards for the tenants that requests are sent to; the least recently used leave first. */
export class TenantGuards {
  readonly #build: (tenant: string) => Guard;
  readonly #guards = new Map<string, Guard>();

  constructor(build: (tenant: string) => Guard) {
    this.#build = build;
  }

  /** @throws ConfigurationError for what can't be a tenant */
  for(tenant: string): Guard {
    const name = tenant.toLowerCase();
    const guard = this.#guards.get(name) ?? this.#build(name);
    this.#guards.delete(name);
    for (const [oldest, leaving] of this.#guards) {
      if (this.#guards.size < MAX_GUARDS) break;
      this.#guards.delete(oldest);
      // Whoever it serves at the moment is served all the same.
      setTimeout(() => leaving.close(), GRACE).unref();
    }
    this.#guards.set(name, guard);
    return guard;
  }
}
