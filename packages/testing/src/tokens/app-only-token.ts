import { asksFor } from '../directory/apps.js';
import { authorizedParty, type Envelope, envelope, type Mint } from './token-envelope.js';

/** What an app-only token is made from, for an app or a managed identity. */
export interface AppOnly extends Envelope {
  readonly clientId: string;
  /** Object ID of its service principal. */
  readonly oid: string;
  readonly credential: '1' | '2';
  readonly roles: readonly string[];
}

/**
 * Makes the claims of an app-only token: no `scp`, `sub` equal to `oid`, and `idtyp` only when the API asks for it. An
 * app without a role gets no `roles` claim. Entra gives such a token to every service principal of the tenant.
 */
export function appOnlyClaims(mint: Mint, token: AppOnly): Record<string, unknown> {
  const claims = envelope(mint, token);
  return {
    ...claims,
    ...authorizedParty(token.version, token.clientId, token.credential),
    ...(token.version === '1.0' ? { idp: claims.iss } : {}),
    ...(asksFor(token.api, 'idtyp') || asksFor(token.api, 'idtyp', 'include_user_token')
      ? { idtyp: 'app' }
      : {}),
    oid: token.oid,
    ...(token.roles.length > 0 ? { roles: token.roles } : {}),
    sub: token.oid,
  };
}
