import { ConfigurationError } from '../base/errors.js';
import type { AuthorityOptions, SingleTenantOptions } from './options.js';

/**
 * Reads options from the environment:
 *
 * - `ENTRA_GUARD_TENANT_ID`, or else `AZURE_TENANT_ID`
 * - instead of a tenant `ENTRA_GUARD_AUTHORITY`: the URL of Azure AD B2C, External ID, a custom domain or a local Entra.
 *   `AZURE_TENANT_ID` is then ignored, because Azure's SDKs need it for the identity of this process.
 * - `ENTRA_GUARD_CLIENT_ID`, or else `AZURE_CLIENT_ID`
 * - optional `ENTRA_GUARD_APPLICATION_ID_URI`
 *
 * Ignores `AZURE_CLIENT_ID` if another variable shows that it is the identity with which this
 * process signs in: a variable of a workload identity (`AZURE_FEDERATED_TOKEN_FILE`), of a managed identity
 * (`IDENTITY_ENDPOINT`, `MSI_ENDPOINT`), or of `EnvironmentCredential` (`AZURE_CLIENT_SECRET`,
 * `AZURE_CLIENT_CERTIFICATE_PATH`, `AZURE_PASSWORD`).
 *
 * @param env the variables; default `process.env`
 * @throws ConfigurationError that names the missing variables, and those that contradict each other
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SingleTenantOptions | AuthorityOptions {
  const own = OWN_IDENTITY.find((name) => set(read(env, name)) !== undefined);
  const authority = set(read(env, 'ENTRA_GUARD_AUTHORITY'));
  const ownTenant = set(read(env, 'ENTRA_GUARD_TENANT_ID'));
  if (authority !== undefined && ownTenant !== undefined) {
    throw new ConfigurationError(
      'The environment has both ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_AUTHORITY.',
      'Set one of them: the tenant for one tenant of Entra, the authority for B2C, External ID, a custom domain or a local Entra.',
    );
  }
  const tenantId = ownTenant ?? set(read(env, 'AZURE_TENANT_ID'));
  const azureClient = set(read(env, 'AZURE_CLIENT_ID'));
  const clientId = set(read(env, 'ENTRA_GUARD_CLIENT_ID')) ?? (own ? undefined : azureClient);
  const applicationIdUri = set(read(env, 'ENTRA_GUARD_APPLICATION_ID_URI'));
  if (clientId !== undefined) {
    const api = { clientId, ...(applicationIdUri === undefined ? {} : { applicationIdUri }) };
    if (authority !== undefined) return { authority, ...api };
    if (tenantId !== undefined) return { tenantId, ...api };
  }
  const missing = [
    ...(tenantId === undefined && authority === undefined ? ['ENTRA_GUARD_TENANT_ID'] : []),
    ...(clientId === undefined ? ['ENTRA_GUARD_CLIENT_ID'] : []),
  ];
  throw new ConfigurationError(
    `The environment has no ${missing.join(' and no ')}.`,
    own && clientId === undefined && azureClient
      ? `AZURE_CLIENT_ID is not used: together with ${own} it is the identity of this workload. Set ENTRA_GUARD_CLIENT_ID to the API's application (client) ID.`
      : "Set them to the tenant's and the API's GUIDs (or set AZURE_TENANT_ID and AZURE_CLIENT_ID), or pass options. For B2C, External ID, a custom domain or a local Entra set ENTRA_GUARD_AUTHORITY in place of the tenant.",
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
