import type { AuthContext } from '@entra-guard/core';
import { CredentialError, EntraGuardError, TokenError, toHttp, UnavailableError } from '@entra-guard/core';
import { type GraphCallers, graphCallers } from '@entra-guard/core/testing';
import type { EntraServices } from '../endpoints/call.js';
import { claimsChallenge } from '../endpoints/claims-challenge.js';
import { asOAuthError } from '../endpoints/oauth-error.js';
import { trustFromWithin } from '../endpoints/own-documents.js';
import { assertTokenLives, type Claims } from '../endpoints/own-token.js';
import { GraphError } from './graph-error.js';

/** Any client ID: the audience of the tokens is Graph's. */
const anyClientId = '11111111-1111-4111-8111-111111111111';

/** Makes what validates Graph's tokens: the core, with the keys of this local Entra. */
export function callersOf(entra: EntraServices): GraphCallers {
  const options = { ...trustFromWithin(entra), clientId: anyClientId };
  return graphCallers(options, { dangerouslyAllowProduction: true });
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
    'www-authenticate':
      after === undefined ? 'Bearer error="invalid_token"' : claimsChallenge(signedInAfter(after)),
  });
}

/** The claims request for a token by a sign-in after that time. */
function signedInAfter(after: number): object {
  return { access_token: { nbf: { essential: true, value: String(Math.floor(after / 1000) + 1) } } };
}
