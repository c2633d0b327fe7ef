import { ConfigurationError } from './errors.js';
import type { SingleTenantOptions } from './options.js';

/**
 * Options from the environment: `ENTRA_GUARD_TENANT_ID` and `ENTRA_GUARD_CLIENT_ID`, else `AZURE_TENANT_ID` and
 * `AZURE_CLIENT_ID`; the latter not beside `AZURE_FEDERATED_TOKEN_FILE`, where `AZURE_CLIENT_ID` is the identity that
 * this process uses itself (Azure workload identity), not the API's.
 *
 * @param env the variables; default `process.env`
 * @throws ConfigurationError that names the missing variables
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SingleTenantOptions {
  const workload = set(env.AZURE_FEDERATED_TOKEN_FILE);
  const tenantId = set(env.ENTRA_GUARD_TENANT_ID) ?? set(env.AZURE_TENANT_ID);
  const clientId = set(env.ENTRA_GUARD_CLIENT_ID) ?? (workload ? undefined : set(env.AZURE_CLIENT_ID));
  if (tenantId !== undefined && clientId !== undefined) return { tenantId, clientId };
  const missing = [
    ...(tenantId === undefined ? ['ENTRA_GUARD_TENANT_ID'] : []),
    ...(clientId === undefined ? ['ENTRA_GUARD_CLIENT_ID'] : []),
  ];
  throw new ConfigurationError(
    `The environment has no ${missing.join(' and no ')}.`,
    workload && clientId === undefined && set(env.AZURE_CLIENT_ID)
      ? "AZURE_CLIENT_ID is not taken: beside AZURE_FEDERATED_TOKEN_FILE it is the identity of this workload. Set ENTRA_GUARD_CLIENT_ID to the API's application (client) ID."
      : "Set them to the tenant's and the API's GUIDs (AZURE_TENANT_ID and AZURE_CLIENT_ID serve as well), or pass options.",
  );
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' || value === 'undefined' || value === 'null'
    ? undefined
    : value;
}
