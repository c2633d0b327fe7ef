import { OAuthError } from '../oauth-error.js';
import { assertSignInLives } from '../own-token.js';
import { assertSameTenant } from '../right-tenant.js';
import { delegatedAnswer } from './delegated-answer.js';
import { type GrantRequest, required } from './grant-request.js';

/** Redeems a refresh token, for any API the client may ask for. Each use gives a new refresh token. */
export function refreshToken(request: GrantRequest): Record<string, unknown> {
  const { entra, body, client, tenant } = request;
  const stored = entra.sessions.findRefreshToken(required(body, 'refresh_token'));
  if (stored === undefined) {
    throw new OAuthError('invalid_grant', 9002313, 'Invalid request. The refresh token is malformed.');
  }
  if (stored.grant.clientId !== client.app.clientId) {
    throw new OAuthError('invalid_grant', 70000, 'The refresh token was issued to another client.');
  }
  const { grant, expiresAt } = stored;
  assertSignInLives(grant.signIn);
  assertSameTenant(entra, tenant, grant.tenant, 'refresh token');
  if (expiresAt <= entra.now()) {
    throw new OAuthError(
      'invalid_grant',
      client.app.registration.platform === 'spa' ? 700084 : 700082,
      `The refresh token has expired on ${new Date(expiresAt).toISOString()}. The user has to sign in again.`,
    );
  }
  const scope = `${body.get('scope') || grant.scope} offline_access`;
  return delegatedAnswer(request, { grant: { ...grant, claims: body.get('claims') ?? grant.claims }, scope });
}
