import { misconfigured } from './configuration.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

/**
 * Checks that `tenantIdOrName` is a GUID or a domain, before a guard is made for it: it may come from the caller. An
 * alias such as `common` is refused.
 *
 * @throws ConfigurationError
 */
export function assertTenant(name: string): void {
  if (GUID.test(name) || DOMAIN.test(name)) return;
  throw misconfigured(
    'tenantIdOrName is neither a GUID nor a domain.',
    'Choose it from a list of the accepted tenants.',
  );
}
