import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';
import { type IssuerClaims, refuseIssuer } from '../../keys/accepted-issuers.js';
import type { Look } from './look.js';

/** The claims that say whose token it is. Their types are for the checks to find out. */
export function issuerClaims(claims: JsonObject): IssuerClaims {
  const policy = claims.tfp ?? claims.acr;
  return {
    iss: claims.iss as string,
    tid: claims.tid as string | undefined,
    policy: typeof policy === 'string' ? policy.toLowerCase() : undefined,
  };
}

/**
 * The issuer and the tenant are accepted ones, and agree (Entra: access tokens, "validate the issuer"). What only the
 * authority's metadata says is compared when they are read.
 */
export function checkIssuer({ whose, authority }: Look): Refusal | undefined {
  if (typeof whose.iss === 'string') return refuseIssuer(authority, whose);
  return {
    code: 'issuer_not_accepted',
    subject: 'issuer (iss)',
    found: shown(whose.iss),
    expected: "the authority's issuer",
    hint: 'Entra names the issuer in every token: this one does not come from Entra.',
  };
}
