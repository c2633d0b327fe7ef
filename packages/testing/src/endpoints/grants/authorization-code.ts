import { OAuthError } from '../oauth-error.js';
import { assertVerifier } from '../pkce.js';
import { assertSameTenant } from '../right-tenant.js';
import { delegatedAnswer } from './delegated-answer.js';
import { type GrantRequest, required } from './grant-request.js';

/** Redeems a code: once, by its client, with its redirect URI (RFC 6749, section 4.1.3) and the PKCE verifier. */
export function authorizationCode(request: GrantRequest): Record<string, unknown> {
  const { entra, body, client, tenant } = request;
  const code = required(body, 'code');
  const grant = entra.sessions.findCode(code);
  if (grant?.redeemed) {
    // An attacker may have the code: what came of the first use ends, too (RFC 6749, section 4.1.2).
    grant.signIn.ended = true;
    throw new OAuthError(
      'invalid_grant',
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    );
  }
  if (grant === undefined) {
    throw new OAuthError(
      'invalid_grant',
      9002313,
      'Invalid request. The authorization code is malformed or invalid.',
    );
  }
  if (grant.clientId !== client.app.clientId) {
    throw new OAuthError('invalid_grant', 70000, 'The authorization code was issued to another client.');
  }
  assertSameTenant(entra, tenant, grant.tenant, 'code');
  if (grant.expiresAt <= entra.now()) {
    throw new OAuthError(
      'invalid_grant',
      70008,
      'The provided authorization code has expired. Send a new sign-in request.',
    );
  }
  if (grant.redirectUri !== body.get('redirect_uri')) {
    throw new OAuthError(
      'invalid_grant',
      500112,
      `The reply address '${body.get('redirect_uri') ?? ''}' does not match the reply address '${grant.redirectUri}' provided when requesting Authorization code.`,
    );
  }
  assertVerifier(grant.codeChallenge, body.get('code_verifier'));
  const answer = delegatedAnswer(request, {
    grant,
    scope: body.get('scope') || grant.scope,
    nonce: grant.nonce,
  });
  grant.redeemed = true;
  return answer;
}
