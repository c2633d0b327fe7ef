import { BoundedMap } from '../bounded-map.js';
import { LocalEntraError } from '../error.js';
import { guidOf, isGuid } from './guid.js';

/** The tenant of personal Microsoft accounts. */
export const consumersTenantId = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** Aliases that take the place of a tenant in a URL. */
export type TenantAlias = 'common' | 'organizations' | 'consumers';

export interface Tenant {
  readonly id: string;
  /** The tenant's verified domain. */
  readonly domain: string;
}

/** The tenants of one local Entra. Any name makes one, unless the tenants are declared. */
export class Tenants {
  readonly #told = new Map<string, Tenant>();
  /** Derived from names in URLs. */
  readonly #made = new BoundedMap<string, Tenant>(2000);
  readonly #strict: boolean;
  readonly home: Tenant;

  constructor(names: readonly string[] | undefined) {
    this.#strict = names !== undefined;
    const [first = 'contoso', ...others] = names ?? [];
    this.home = tenantOf(first);
    for (const tenant of [this.home, ...others.map(tenantOf)]) this.#told.set(tenant.id, tenant);
    this.#told.set(consumersTenantId, { id: consumersTenantId, domain: 'outlook.example' });
  }

  /**
   * Finds a tenant by its name, domain or GUID.
   * @throws {LocalEntraError} `tenant_unknown` when the tenants are declared and this one is not among them
   */
  named(nameOrId: string | undefined): Tenant {
    if (nameOrId === undefined) return this.home;
    if (nameOrId === 'consumers') return this.named(consumersTenantId);
    const id = tenantIdOf(nameOrId);
    const known = this.#told.get(id) ?? this.#made.get(id);
    if (known !== undefined) return known;
    if (this.#strict) {
      const domains = [...this.#told.values()].map((tenant) => tenant.domain).join(', ');
      throw new LocalEntraError(
        'tenant_unknown',
        `There is no tenant "${nameOrId}". This local Entra has ${domains}. Add it to startEntra({ tenants }).`,
        90002,
      );
    }
    const tenant = tenantOf(nameOrId);
    this.#made.set(id, tenant);
    return tenant;
  }
}

function tenantOf(nameOrId: string): Tenant {
  return { id: tenantIdOf(nameOrId), domain: domainOf(nameOrId) };
}

/** Returns a tenant's GUID, given its name, its domain or the GUID. */
export function tenantIdOf(nameOrId: string): string {
  return isGuid(nameOrId) ? nameOrId.toLowerCase() : guidOf('tenant', domainOf(nameOrId));
}

/** Returns a tenant's domain: `fabrikam.onmicrosoft.com` for `fabrikam`. A domain is returned as it is. */
export function domainOf(nameOrId: string): string {
  const lower = nameOrId.toLowerCase();
  if (isGuid(lower)) return `${lower.slice(0, 8)}.onmicrosoft.com`;
  return lower.includes('.') ? lower : `${lower}.onmicrosoft.com`;
}
