import { isGuid } from '../base/guid.js';

/** Entra issues tokens in two versions; each has metadata of its own. */
export type Version = 'v1' | 'v2';

/** The version of a token with this issuer (Entra: access tokens, "validate the issuer"). */
export function versionOf(iss: string): Version {
  return /\/v2\.0\/?$/.test(iss) ? 'v2' : 'v1';
}

const TEMPLATE = /\{tenantid\}/i;

/** Whether many tenants share this issuer, which has `{tenantid}` in the place of theirs. */
export function isTemplate(issuer: string): boolean {
  return TEMPLATE.test(issuer);
}

/** The issuer of one tenant. */
export function fillTemplate(issuer: string, tenantId: string): string {
  return issuer.replace(TEMPLATE, tenantId);
}

/** How Entra writes issuers. Parsing a URL instead takes longer than all checks of a token's claims. */
const ENTRA_ISSUER =
  /^https:\/\/(?:[a-z]+\.)+[a-z]+\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(?:v2\.0\/?)?$/;

/** The tenant's GUID in an issuer's path (`/{tid}/v2.0`, `/tfp/{tid}/{policy}/v2.0/`), lower case. */
export function tenantInIssuer(issuer: string): string | undefined {
  const written = ENTRA_ISSUER.exec(issuer)?.[1];
  if (written !== undefined) return written;
  try {
    return new URL(issuer).pathname.split('/').find(isGuid)?.toLowerCase();
  } catch {
    return undefined;
  }
}
