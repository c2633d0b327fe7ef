import { ConfigurationError } from '../base/errors.js';
import type { SingleTenantOptions } from './options.js';

/**
 * Options from the environment: `ENTRA_GUARD_TENANT_ID` and `ENTRA_GUARD_CLIENT_ID`, else `AZURE_TENANT_ID` and
 * `AZURE_CLIENT_ID`; the latter not beside variables that make it the identity which this process uses itself: those of a
 * workload identity (`AZURE_FEDERATED_TOKEN_FILE`), of a managed identity (`IDENTITY_ENDPOINT`, `MSI_ENDPOINT`), and of
 * `EnvironmentCredential` (`AZURE_CLIENT_SECRET`, `AZURE_CLIENT_CERTIFICATE_PATH`, `AZURE_PASSWORD`).
 *
 * @param env the variables; default `process.env`
 * @throws ConfigurationError that names the missing variables
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SingleTenantOptions {
  const own = OWN_IDENTITY.find((name) => set(read(env, name)) !== undefined);
  const tenantId = set(read(env, 'ENTRA_GUARD_TENANT_ID')) ?? set(read(env, 'AZURE_TENANT_ID'));
  const azureClient = set(read(env, 'AZURE_CLIENT_ID'));
  const clientId = set(read(env, 'ENTRA_GUARD_CLIENT_ID')) ?? (own ? undefined : azureClient);
  if (tenantId !== undefined && clientId !== undefined) return { tenantId, clientId };
  const missing = [
    ...(tenantId === undefined ? ['ENTRA_GUARD_TENANT_ID'] : []),
    ...(clientId === undefined ? ['ENTRA_GUARD_CLIENT_ID'] : []),
  ];
  throw new ConfigurationError(
    `The environment has no ${missing.join(' and no ')}.`,
    own && clientId === undefined && azureClient
      ? `AZURE_CLIENT_ID is not taken: beside ${own} it is the identity of this workload. Set ENTRA_GUARD_CLIENT_ID to the API's application (client) ID.`
      : "Set them to the tenant's and the API's GUIDs (AZURE_TENANT_ID and AZURE_CLIENT_ID serve as well), or pass options.",
  );
}

/** Where one of these is set, Azure's SDKs take `AZURE_CLIENT_ID` for whom this process signs in as. */
const OWN_IDENTITY = [
  'AZURE_FEDERATED_TOKEN_FILE',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'MSI_ENDPOINT',
  'MSI_SECRET',
  'IMDS_ENDPOINT',
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_PASSWORD',
] as const;

/** Own members only: what another library has put on every object is not the environment. */
function read(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' || value === 'undefined' || value === 'null'
    ? undefined
    : value;
}
