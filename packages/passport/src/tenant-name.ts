import { misconfigured } from './configuration.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

/**
 * What `passport.authenticate` is told may come from the caller: before anything is made for it, it has to have the form of
 * a tenant. An alias such as `common` has not.
 *
 * @throws ConfigurationError
 */
export function assertTenant(name: string): void {
  if (GUID.test(name) || DOMAIN.test(name)) return;
  throw misconfigured('tenantIdOrName is neither a GUID nor a domain.', 'Take it from a list of your own.');
}
