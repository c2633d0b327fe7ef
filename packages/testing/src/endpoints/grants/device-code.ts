import { OAuthError } from '../oauth-error.js';
import { delegatedAnswer } from './delegated-answer.js';
import { type GrantRequest, required } from './grant-request.js';

/** Redeems a device code, once its user has approved it (RFC 8628, section 3.4). */
export function deviceCodeGrant(request: GrantRequest): Record<string, unknown> {
  const { entra, body, client } = request;
  const pending = entra.deviceCodes.find(required(body, 'device_code'));
  if (pending === undefined || pending.clientId !== client.app.clientId) {
    throw new OAuthError(
      'invalid_grant',
      70000,
      'The provided device code is not valid, or was issued to another client.',
    );
  }
  const { approval } = pending;
  if (pending.redeemed) {
    throw new OAuthError('invalid_grant', 54005, 'The device code was already redeemed.');
  }
  if (pending.expiresAt <= entra.now()) {
    throw new OAuthError('expired_token', 70020, 'The provided device code has expired. Ask for a new one.');
  }
  if (pending.declined) {
    throw new OAuthError('authorization_declined', 65004, 'The user refused to sign in to the device.');
  }
  if (approval === undefined) {
    throw new OAuthError(
      'authorization_pending',
      70016,
      'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
    );
  }
  const { scope, claims, tenant, clientId } = pending;
  const grant = {
    clientId,
    person: approval.person,
    tenant,
    scope,
    claims: approval.claims ?? claims,
    signedInAt: approval.at,
    signIn: { ended: false, contexts: approval.contexts },
  };
  const answer = delegatedAnswer(request, { grant, scope: body.get('scope') || scope });
  pending.redeemed = true;
  return answer;
}
