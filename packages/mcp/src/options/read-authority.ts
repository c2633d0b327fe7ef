import { ConfigurationError } from '@entra-guard/core';
import { type GuardAccess, isGuid, type ServedAuthority } from '@entra-guard/core/mcp';
import { shown } from './shown.js';

/**
 * Reads the authority that clients are told of from the guard.
 *
 * @throws ConfigurationError where clients could not get a token for the server from it
 */
export function readAuthority({ authorities }: GuardAccess, resource: URL): string {
  const [served, ...others] = authorities;
  if (served === undefined) {
    throw new ConfigurationError(
      'The guard has no authority that clients could be told of.',
      'Its validator is a stand-in, or of another maker. Build the guard from { tenantId, clientId }.',
    );
  }
  if (others.length > 0) {
    throw new ConfigurationError(
      `The guard has ${authorities.length} authorities, and clients use the first one that they are told of.`,
      'Give the MCP server a guard of its own, with one tenantId.',
    );
  }
  assertUri(served, resource);
  return assertTenant(served);
}

/** Entra compares the `resource` of clients with the application ID URI, character for character. */
function assertUri({ applicationIdUri }: ServedAuthority, { href }: URL): void {
  if (applicationIdUri === href) return;
  throw new ConfigurationError(
    `applicationIdUri is ${shown(applicationIdUri)}, and resource is '${href}'. Clients would get AADSTS9010010: they ask for scopes of the one, and send the other.`,
    `Make them equal: add '${href}' as "Application ID URI" of the registration, and set applicationIdUri to it, or leave it out.`,
  );
}

function assertTenant({ authority, tenant, isB2c }: ServedAuthority): string {
  if (isB2c) {
    throw new ConfigurationError(
      'The authority is Azure AD B2C, which does not know the parameter resource (AADSTS9010010 elsewhere).',
      'Use a tenant of Entra ID or of External ID.',
    );
  }
  if (authority === undefined) {
    throw new ConfigurationError(
      'The guard accepts several tenants. Clients would have to be sent to a shared endpoint, whose metadata names no issuer of its own: they stop with IssuerMismatchError, and in a single-tenant registration with AADSTS50194.',
      'Set tenantId to the GUID of one tenant.',
    );
  }
  if (!isGuid(tenant)) {
    throw new ConfigurationError(
      `The authority is '${authority}', which names its tenant ${tenant === undefined ? 'otherwise than by its GUID' : `'${tenant}'`}. Its metadata names the GUID: clients that compare the two stop with IssuerMismatchError, and Entra answers a name that it does not know with AADSTS90002.`,
      'Set tenantId to "Directory (tenant) ID", a GUID; or put the GUID into authority.',
    );
  }
  if (!authority.endsWith('/v2.0')) {
    throw new ConfigurationError(
      `The authority is '${authority}', which issues v1.0 tokens: an application ID URI that is a URL needs v2.0 (AADSTS9010010).`,
      'Put /v2.0 at the end of authority, and set requestedAccessTokenVersion to 2 in the registration.',
    );
  }
  return authority;
}
