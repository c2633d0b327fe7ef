import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';
import { lifetimes, type Mint, opaque, pairwiseSubject, secondsNow } from './token-envelope.js';

export interface IdToken {
  readonly person: Person;
  readonly tenant: Tenant;
  /** The app that signed the user in, which is the token's audience. */
  readonly clientId: string;
  readonly nonce: string | undefined;
  /** When the user signed in, seconds since the epoch, if the client asked for it. */
  readonly authTime?: number | undefined;
  /** `c_hash`, for a token that comes with a code. */
  readonly codeHash?: string | undefined;
}

/** Makes the claims of a version 2 ID token. Unlike an access token it has no authorized party and no scope. */
export function idTokenClaims(
  mint: Mint,
  { person, tenant, clientId, nonce, authTime, codeHash }: IdToken,
): Record<string, unknown> {
  const now = secondsNow(mint);
  return {
    aud: clientId,
    iss: mint.authority.v2Issuer(tenant.id),
    iat: now - 300,
    nbf: now - 300,
    exp: now + lifetimes.accessToken,
    ...opaque(),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    ...(codeHash === undefined ? {} : { c_hash: codeHash }),
    name: person.displayName,
    ...(nonce === undefined ? {} : { nonce }),
    oid: person.oid,
    preferred_username: person.upn,
    sub: pairwiseSubject(tenant.id, clientId, person.oid),
    tid: tenant.id,
    ver: '2.0',
  };
}
