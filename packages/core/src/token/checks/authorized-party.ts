import type { JsonObject } from '../../base/json-object.js';
import type { Refusal } from '../../base/refusal.js';
import type { Look } from './look.js';

/** Returns text that is not empty; `undefined` for anything else. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Returns the client that asked for the token: `azp` in v2 and B2C, `appid` in v1. ID tokens have neither. */
export function authorizedParty(claims: JsonObject): string | undefined {
  const { appid, azp } = claims;
  return claims.ver === '1.0' ? (text(appid) ?? text(azp)) : (text(azp) ?? text(appid));
}

/**
 * Refuses a token without an authorized party. It is not an access token, but mostly an ID token of the same app and
 * issuer.
 */
export function checkAuthorizedParty({ claims, authority }: Look): Refusal | undefined {
  if (authority.settings.concessions.idTokens || authorizedParty(claims) !== undefined) return undefined;
  return notAnAccessToken();
}

/** Returns the refusal of a token without an authorized party. */
export function notAnAccessToken(): Refusal {
  return {
    code: 'not_an_access_token',
    subject: 'authorized party (azp, appid)',
    found: 'nothing',
    expected: 'the client that asked for the token',
    hint: 'This looks like an ID token: it tells the client who signed in, and is not for APIs. The client has to send the access token (MSAL: result.accessToken).',
  };
}
