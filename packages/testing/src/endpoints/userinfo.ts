import { randomUUID } from 'node:crypto';
import { graphClientId, graphUri } from '../directory/graph-app.js';
import { pairwiseSubject } from '../tokens/token-envelope.js';
import { json } from './answers.js';
import type { Call, EntraServices } from './call.js';
import { asOAuthError } from './oauth-error.js';
import { assertTokenLives, type Claims, personOf, verifiedClaims } from './own-token.js';

const audiences = new Set<unknown>([graphClientId, graphUri]);

/**
 * Answers `/oidc/userinfo` of Microsoft Graph: who signed in, as far as the token's scopes allow it.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/userinfo, OpenID Connect Core section 5.3
 */
export function userinfo({ entra, request }: Call): Response {
  const token = /^bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) return refused(entra, 401, 'Access token is empty.');
  let claims: Claims;
  try {
    claims = verifiedClaims(entra, token);
    assertTokenLives(entra, claims);
  } catch (error) {
    return refused(entra, 401, asOAuthError(error).description, 'invalid_token');
  }
  if (!audiences.has(claims.aud)) {
    return refused(entra, 401, 'Access token validation failure. Invalid audience.', 'invalid_token');
  }
  const client = claims.azp ?? claims.appid;
  if (typeof claims.scp !== 'string' || typeof client !== 'string') {
    return refused(entra, 401, 'Access token validation failure. It has no user.', 'invalid_token');
  }
  const scopes = new Set(claims.scp.split(' '));
  if (!scopes.has('openid')) {
    return refused(entra, 403, 'The access token lacks the scope openid.', 'insufficient_scope');
  }
  return json(profileOf(entra, claims, client, scopes), 200, { 'cache-control': 'no-store' });
}

function profileOf(entra: EntraServices, claims: Claims, client: string, scopes: ReadonlySet<string>) {
  const person = personOf(entra, claims);
  return {
    // Of the client, so that it is that of the ID token.
    sub: pairwiseSubject(String(claims.tid), client, person.oid),
    ...(scopes.has('profile')
      ? {
          name: person.displayName,
          family_name: person.familyName,
          given_name: person.givenName,
          picture: `${entra.authority.graphOrigin}/v1.0/me/photo/$value`,
        }
      : {}),
    ...(scopes.has('email') ? { email: person.upn } : {}),
  };
}

/** Makes a refusal in Graph's form, with a challenge for clients that read that (RFC 6750, section 3). */
function refused(entra: EntraServices, status: 401 | 403, message: string, error?: string): Response {
  const challenge = [
    'realm=""',
    `authorization_uri="${entra.authority.origin}/common/oauth2/authorize"`,
    ...(error === undefined ? [] : [`error="${error}"`]),
  ];
  const id = randomUUID();
  const date = new Date(entra.now()).toISOString().slice(0, 19);
  const code = status === 401 ? 'InvalidAuthenticationToken' : 'Authorization_RequestDenied';
  return json(
    { error: { code, message, innerError: { date, 'request-id': id, 'client-request-id': id } } },
    status,
    { 'www-authenticate': `Bearer ${challenge.join(', ')}`, 'cache-control': 'no-store' },
  );
}
