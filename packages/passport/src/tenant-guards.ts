import type { Guard } from '@entra-guard/core';

const MAX_GUARDS = 100;

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
    for (const oldest of this.#guards.keys()) {
      if (this.#guards.size < MAX_GUARDS) break;
      // Whoever it serves at the moment is served all the same: it is not closed.
      this.#guards.delete(oldest);
    }
    this.#guards.set(name, guard);
    return guard;
  }
}
