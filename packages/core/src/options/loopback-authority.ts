import { ConfigurationError } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';
import { printable } from '../base/printable.js';
import { flag } from './option-readers.js';
import type { EntraOptions } from './options.js';
import type { Tenancy } from './tenancy.js';

/**
 * Refuses an authority on this machine in production, unless the option `dangerouslyAllowLoopbackAuthority` is `true`: a
 * local Entra gives any caller any token.
 *
 * @throws ConfigurationError
 */
export function assertNoLocalEntra(options: EntraOptions, tenancy: Tenancy): void {
  const { dangerouslyAllowLoopbackAuthority: given } = options;
  const allowed = flag('dangerouslyAllowLoopbackAuthority', given);
  if (tenancy.kind !== 'authority') {
    if (given === undefined) return;
    throw new ConfigurationError(
      'dangerouslyAllowLoopbackAuthority is set without authority.',
      'Remove it: the keys of tenants are read from Microsoft.',
    );
  }
  const { hostname, href } = new URL(tenancy.metadataUrl);
  if (allowed || process.env.NODE_ENV !== 'production' || !isLoopback(hostname)) return;
  throw new ConfigurationError(
    `authority is on this machine (${printable(href)}), and NODE_ENV is "production".`,
    'A local Entra gives any caller any token. Set the authority of your tenant, or unset NODE_ENV for development. If the authority on this machine is real, set dangerouslyAllowLoopbackAuthority: true.',
  );
}
