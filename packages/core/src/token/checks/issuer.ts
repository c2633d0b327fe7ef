import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';
import { type IssuerClaims, refuseIssuer } from '../../keys/accepted-issuers.js';
import type { Look } from './look.js';

/** Returns the claims that name the issuer. Their types are not checked yet. */
export function issuerClaims(claims: JsonObject): IssuerClaims {
  const policy = claims.tfp ?? claims.acr;
  return {
    iss: claims.iss as string,
    tid: claims.tid as string | undefined,
    policy: typeof policy === 'string' ? policy.toLowerCase() : undefined,
  };
}

/**
 * Refuses an issuer or a tenant that is not accepted, or that contradict each other (Entra: access tokens, "validate
 * the issuer"). The issuer is compared with the authority's metadata later, when that is read.
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
