import { ConfigurationError } from '../base/errors.js';
import type { SingleTenantOptions } from './options.js';

/**
 * Reads options from the environment: `ENTRA_GUARD_TENANT_ID` and `ENTRA_GUARD_CLIENT_ID`, or else `AZURE_TENANT_ID`
 * and `AZURE_CLIENT_ID`. Ignores `AZURE_CLIENT_ID` if another variable shows that it is the identity with which this
 * process signs in: a variable of a workload identity (`AZURE_FEDERATED_TOKEN_FILE`), of a managed identity
 * (`IDENTITY_ENDPOINT`, `MSI_ENDPOINT`), or of `EnvironmentCredential` (`AZURE_CLIENT_SECRET`,
 * `AZURE_CLIENT_CERTIFICATE_PATH`, `AZURE_PASSWORD`).
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
      ? `AZURE_CLIENT_ID is not used: together with ${own} it is the identity of this workload. Set ENTRA_GUARD_CLIENT_ID to the API's application (client) ID.`
      : "Set them to the tenant's and the API's GUIDs (or set AZURE_TENANT_ID and AZURE_CLIENT_ID), or pass options.",
  );
}

/** If one of these is set, Azure's SDKs use `AZURE_CLIENT_ID` as the identity of this process. */
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

/** Reads own members only: what another library put on every object is not the environment. */
function read(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' || value === 'undefined' || value === 'null'
    ? undefined
    : value;
}
