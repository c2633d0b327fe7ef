import type { JsonObject } from '../base/json-object.js';
import { type Refusal, shown } from '../base/refusal.js';

/** Refuses a token whose key ID is not published. */
export function unknownKey(kid: string, issuer: string, claims: JsonObject): Refusal {
  return {
    code: 'signing_key_not_found',
    subject: 'key ID (kid)',
    found: shown(kid),
    expected: `a key that ${shown(issuer)} publishes`,
    hint:
      typeof claims.nonce === 'string'
        ? 'The token looks like an ID token. The client has to send the access token.'
        : "If the API's app registration has custom signing keys (claims mapping, SAML), set customSigningKeys: true. Otherwise the token comes from another cloud or tenant, or was forged.",
  };
}

/** Refuses a token whose key may only sign for other issuers or algorithms. */
export function foreignKey(kid: string, issuer: string): Refusal {
  return {
    code: 'signing_key_not_found',
    subject: 'key ID (kid)',
    found: `${shown(kid)}, a key of another issuer or algorithm`,
    expected: `a key that serves ${shown(issuer)}`,
    hint: 'A key that names an issuer may sign for that issuer only. Entra does not sign this way: the token was forged.',
  };
}

export function invalidSignature(header: JsonObject): Refusal {
  return {
    code: 'signature_invalid',
    subject: 'signature',
    expected: 'a signature made with the key that the token names',
    hint: Object.hasOwn(header, 'nonce')
      ? "The header holds a nonce, as Microsoft Graph's tokens do, which only Graph can verify: the client has to ask for a scope of this API."
      : 'The token was altered on its way, or forged.',
  };
}
