import { BoundedMap } from '../bounded-map.js';
import { LocalEntraError } from '../error.js';
import { guidOf, isGuid } from './guid.js';

/** The tenant of personal Microsoft accounts. */
export const consumersTenantId = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** Words that stand for a tenant in a URL without being one. */
export type TenantAlias = 'common' | 'organizations' | 'consumers';

export interface Tenant {
  readonly id: string;
  /** The tenant's verified domain. */
  readonly domain: string;
}

/** The tenants of one local Entra: any name makes one, unless it was told which there are. */
export class Tenants {
  readonly #told = new Map<string, Tenant>();
  /** Made up from the names that URLs had. */
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
   * The tenant of a name, a domain or a GUID.
   * @throws {LocalEntraError} `tenant_unknown` when the local Entra was told its tenants and this is none of them
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
        `There is no tenant "${nameOrId}". This local Entra was told of ${domains}. Add it to startEntra({ tenants }).`,
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

/** The GUID of a tenant's name, of its domain, or the GUID itself. */
export function tenantIdOf(nameOrId: string): string {
  return isGuid(nameOrId) ? nameOrId.toLowerCase() : guidOf('tenant', domainOf(nameOrId));
}

/** `fabrikam.onmicrosoft.com` for `fabrikam`; a domain is its own. */
export function domainOf(nameOrId: string): string {
  const lower = nameOrId.toLowerCase();
  if (isGuid(lower)) return `${lower.slice(0, 8)}.onmicrosoft.com`;
  return lower.includes('.') ? lower : `${lower}.onmicrosoft.com`;
}
