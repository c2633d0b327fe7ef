import { isGuid } from '../base/guid.js';

/** Entra issues tokens in two versions, each with its own metadata. */
export type Version = 'v1' | 'v2';

/** Returns the version of a token with this issuer (Entra: access tokens, "validate the issuer"). */
export function versionOf(iss: string): Version {
  return /\/v2\.0\/?$/.test(iss) ? 'v2' : 'v1';
}

const TEMPLATE = /\{tenantid\}/i;

/** Tells whether an issuer is a template for many tenants, with `{tenantid}` in place of the GUID. */
export function isTemplate(issuer: string): boolean {
  return TEMPLATE.test(issuer);
}

/** Returns the issuer of one tenant. */
export function fillTemplate(issuer: string, tenantId: string): string {
  return issuer.replace(TEMPLATE, tenantId);
}

/**
 * How Entra writes issuers. A regular expression, because parsing a URL takes longer than all checks of a token's
 * claims.
 */
const ENTRA_ISSUER =
  /^https:\/\/(?:[a-z]+\.)+[a-z]+\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(?:v2\.0\/?)?$/;

/**
 * Returns the tenant's GUID in an issuer's path (`/{tid}/v2.0`, `/tfp/{tid}/{policy}/v2.0/`), in lower case;
 * `undefined` if there is none.
 */
export function tenantInIssuer(issuer: string): string | undefined {
  const written = ENTRA_ISSUER.exec(issuer)?.[1];
  if (written !== undefined) return written;
  try {
    return new URL(issuer).pathname.split('/').find(isGuid)?.toLowerCase();
  } catch {
    return undefined;
  }
}
