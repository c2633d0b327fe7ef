import type { AuthContext } from '@entra-guard/core';
import { CredentialError, EntraGuardError, TokenError, toHttp, UnavailableError } from '@entra-guard/core';
import { type GraphCallers, graphCallers } from '@entra-guard/core/testing';
import { json } from '../endpoints/answers.js';
import type { EntraServices } from '../endpoints/call.js';
import { v1Keys, v1Metadata, v2Keys, v2Metadata } from '../endpoints/metadata.js';
import { asOAuthError } from '../endpoints/oauth-error.js';
import { assertTokenLives, type Claims } from '../endpoints/own-token.js';
import { productionAuthority } from '../issuers.js';
import { GraphError } from './graph-error.js';

/** Any client ID: the audience of the tokens is Graph's. */
const anyClientId = '11111111-1111-4111-8111-111111111111';

/** Makes what validates Graph's tokens: the core, with the keys of this local Entra. */
export function callersOf(entra: EntraServices): GraphCallers {
  const { authority, tenants, now } = entra;
  const trusted =
    authority.origin === productionAuthority.origin
      ? { tenantId: tenants.home.id }
      : {
          authority: `${authority.origin}/${tenants.home.id}/v2.0`,
          dangerouslyAllowLoopbackAuthority: true,
        };
  const options = { ...trusted, clientId: anyClientId, now, fetch: documents(entra), log: false as const };
  return graphCallers(options, { dangerouslyAllowProduction: true });
}

/**
 * Makes a `fetch` for metadata and keys. It is apart from that of clients, so that Graph's requests are not on record and no fault
 * meets them.
 */
function documents({ authority, tenants, keys }: EntraServices): typeof fetch {
  const segment = tenants.home.id;
  return async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const isKeys = pathname.includes('/discovery/');
    const isSecond = pathname.includes('/v2.0');
    if (isKeys) return json(isSecond ? v2Keys(authority, tenants, keys, segment) : v1Keys(keys));
    return json((isSecond ? v2Metadata : v1Metadata)(authority, tenants, segment, null));
  };
}

/** Turns a refusal of the core into one of Graph. */
export function refusalOf(error: unknown): GraphError {
  const { status, headers: all } = toHttp(error);
  const kept = ['WWW-Authenticate', 'Retry-After'].filter((name) => all[name] !== undefined);
  const headers = Object.fromEntries(kept.map((name) => [name.toLowerCase(), all[name] ?? '']));
  if (CredentialError.is(error) && error.code === 'credentials_missing') {
    return new GraphError(401, 'InvalidAuthenticationToken', 'Access token is empty.', headers);
  }
  if (CredentialError.is(error) || TokenError.is(error)) {
    const { explanation, hint } = error;
    return new GraphError(401, 'InvalidAuthenticationToken', `${explanation} ${hint}`, headers);
  }
  if (UnavailableError.is(error))
    return new GraphError(503, 'ServiceUnavailable', error.explanation, headers);
  if (EntraGuardError.is(error)) return new GraphError(status, 'UnknownError', error.explanation, headers);
  throw error;
}

/**
 * Refuses a user who was disabled or removed, and a token whose sign-in has ended: Graph evaluates access continuously.
 *
 * Source: https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation
 *
 * @throws {GraphError} 401 `InvalidAuthenticationToken`
 */
export function assertStillSignedIn(entra: EntraServices, auth: AuthContext): void {
  if (auth.kind !== 'user') return;
  try {
    assertTokenLives(entra, auth.claims as Claims);
  } catch (error) {
    const { aadsts, message } = asOAuthError(error);
    const { sessionsValidFrom } = entra.accounts.of(auth.objectId ?? '');
    throw ended(message, aadsts === 50173 ? sessionsValidFrom : undefined);
  }
}

/** @param after when a sign-in has to be to count. Milliseconds since the epoch; `undefined` if none would */
function ended(why: string, after?: number): GraphError {
  const cae =
    after === undefined
      ? ''
      : 'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp. ';
  return new GraphError(401, 'InvalidAuthenticationToken', `${cae}${why}`, {
    'www-authenticate': after === undefined ? 'Bearer error="invalid_token"' : challenge(after),
  });
}

/** Makes the challenge by which clients with the capability `cp1` get a new token. */
function challenge(after: number): string {
  const value = String(Math.floor(after / 1000) + 1);
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value } } });
  return `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
}
