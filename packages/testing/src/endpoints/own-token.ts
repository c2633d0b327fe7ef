import type { AadstsCode } from '../aadsts-codes.js';
import type { Person } from '../directory/people.js';
import { decodeUnverifiedJwt, verifyRsa } from '../tokens/read-jwt.js';
import { backDated } from '../tokens/token-envelope.js';
import type { EntraServices } from './call.js';
import { OAuthError } from './oauth-error.js';
import type { SignIn } from './sessions.js';

export type Claims = Readonly<Record<string, unknown>>;

/**
 * Returns the claims of a token that this local Entra signed and that has not expired. Its audience is not checked.
 *
 * @throws {OAuthError} AADSTS50013 for another signature or issuer, 500133 for an expired one
 */
export function verifiedClaims({ authority, keys, now }: EntraServices, token: string): Claims {
  const jwt = decodeUnverifiedJwt(token);
  const key = typeof jwt?.header.kid === 'string' ? keys.find(jwt.header.kid) : undefined;
  if (jwt === undefined || key === undefined || !verifyRsa(jwt, key.publicKey)) {
    throw invalidGrant(50013, 'Assertion failed signature validation: this Entra did not sign it.');
  }
  const { iss, tid, exp } = jwt.payload;
  if (typeof tid !== 'string' || (iss !== authority.v1Issuer(tid) && iss !== authority.v2Issuer(tid))) {
    throw invalidGrant(50013, 'Assertion contains an invalid issuer.');
  }
  if (typeof exp !== 'number' || exp * 1000 <= now()) {
    throw invalidGrant(
      500133,
      'Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion.',
    );
  }
  return jwt.payload;
}

/** Finds the user that a token is about. */
export function personOf({ people, tenants }: EntraServices, claims: Claims): Person {
  const oid = String(claims.oid);
  const account = claims.preferred_username ?? claims.upn ?? claims.unique_name;
  const name = people.nameOf(oid) ?? (typeof account === 'string' ? account : oid);
  const person = people.named(name, tenants.named(String(claims.tid)));
  return {
    ...person,
    oid,
    ...(typeof account === 'string' ? { upn: account } : {}),
    ...(typeof claims.name === 'string' ? { displayName: claims.name } : {}),
  };
}

/**
 * Returns when the user signed in, milliseconds since the epoch. Of a token that a test minted it is when that was: Entra
 * back-dates `iat`.
 */
export function signedInAt(entra: EntraServices, { uti, iat }: Claims): number {
  const known = entra.sessions.issued(uti);
  if (known !== undefined) return known.signedInAt;
  return typeof iat === 'number' ? (iat + backDated) * 1000 : entra.now();
}

/** @throws {OAuthError} AADSTS70000 for what came of a sign-in that has ended */
export function assertSignInLives(signIn: SignIn | undefined): void {
  if (signIn?.ended === true) {
    throw invalidGrant(70000, 'The provided grant has been revoked: its authorization code was used twice.');
  }
}

/**
 * Refuses a user's access token that the APIs of Entra itself, userinfo and Microsoft Graph, no longer accept: the
 * account was disabled or removed, its sign-ins were ended, or the authorization code was used twice. Other APIs accept
 * the token until it expires.
 *
 * @param claims of a token that was verified
 * @throws {OAuthError} AADSTS70000
 * @throws {LocalEntraError} `sign_in_refused`: AADSTS50034, 50057 or 50173
 */
export function assertTokenLives(entra: EntraServices, claims: Claims): void {
  assertSignInLives(entra.sessions.issued(claims.uti)?.signIn);
  entra.accounts.assertMaySignIn(personOf(entra, claims), signedInAt(entra, claims));
}

function invalidGrant(aadsts: AadstsCode, sentence: string): OAuthError {
  return new OAuthError('invalid_grant', aadsts, sentence);
}
