import type { JsonObject } from '../base/json-object.js';
import { type Refusal, shown } from '../base/refusal.js';

/** No published key has the ID that the token names. */
export function unknownKey(kid: string, issuer: string, claims: JsonObject): Refusal {
  return {
    code: 'signing_key_not_found',
    subject: 'key ID (kid)',
    found: shown(kid),
    expected: `a key that ${shown(issuer)} publishes`,
    hint:
      typeof claims.nonce === 'string'
        ? 'The token looks like an ID token. The client has to send the access token.'
        : "If the API's app registration has signing keys of its own (claims mapping, SAML), set customSigningKeys: true. Else the token comes from another cloud or tenant, or was made by somebody.",
  };
}

/** The key of that ID serves other issuers only. */
export function foreignKey(kid: string, issuer: string): Refusal {
  return {
    code: 'signing_key_not_found',
    subject: 'key ID (kid)',
    found: `${shown(kid)}, a key of another issuer or algorithm`,
    expected: `a key that serves ${shown(issuer)}`,
    hint: 'A key that names an issuer vouches for that issuer only. Entra does not sign like that: somebody made this token.',
  };
}

export function invalidSignature(header: JsonObject): Refusal {
  return {
    code: 'signature_invalid',
    subject: 'signature',
    expected: 'a signature made with the key that the token names',
    hint: Object.hasOwn(header, 'nonce')
      ? "The header holds a nonce, as Microsoft Graph's tokens do, which only Graph can verify: the client has to ask for a scope of this API."
      : 'The token was altered on its way, or made by somebody else.',
  };
}

/** The signature holds, and still the claims can't be handed to anybody. */
export function unfitClaims(): Refusal {
  return {
    code: 'token_malformed',
    subject: 'claims',
    found: 'nesting deeper than 32 levels, or text that is not well-formed',
    expected: 'claims as Entra issues them',
    hint: 'Look for a claims-mapping policy or a claims provider that puts such values in.',
  };
}

export function tenantDeclined(tenantId: string): Refusal {
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: shown(tenantId),
    expected: 'a tenant for which the tenants function answers true',
    hint: 'The tenants function did not answer true. Add the tenant to whatever it looks up, if it should be accepted.',
  };
}

export function revoked(): Refusal {
  return {
    code: 'token_revoked',
    subject: 'revocation',
    found: 'a revoked token',
    expected: 'one for which isRevoked answers false',
    hint: "The API's own isRevoked function answered true. The client has to sign in again.",
  };
}

/**
 * Of two refusals by two authorities, the one that says more: a token whose issuer fits and whose audience does not was
 * meant for that authority.
 */
export function nearer(first: Refusal | undefined, second: Refusal): Refusal {
  const elsewhere = (refusal: Refusal): boolean =>
    refusal.code === 'issuer_not_accepted' || refusal.code === 'tenant_not_accepted';
  return first !== undefined && (!elsewhere(first) || elsewhere(second)) ? first : second;
}
