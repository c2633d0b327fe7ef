import type { SingleTenantOptions } from '@entra-guard/core';
import { API, fetchFromMemory, NOW, TENANT } from './forger.js';

/** Options of an API of one tenant: keys from memory, no log, and a clock that stands still at {@link NOW}. */
export function contoso(changes: Partial<SingleTenantOptions> = {}): SingleTenantOptions {
  return { tenantId: TENANT, clientId: API, fetch: fetchFromMemory, now: () => NOW, log: false, ...changes };
}
