import type { JsonObject } from '../../base/json-object.js';
import type { Refusal } from '../../base/refusal.js';
import type { Look } from './look.js';

/** A text that says something; `undefined` for anything else. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The client that asked for the token: `azp` in v2 and B2C, `appid` in v1. ID tokens have none. */
export function authorizedParty(claims: JsonObject): string | undefined {
  const { appid, azp } = claims;
  return claims.ver === '1.0' ? (text(appid) ?? text(azp)) : (text(azp) ?? text(appid));
}

/** A token that names no authorized party is not an access token: mostly an ID token of the same app and issuer. */
export function checkAuthorizedParty({ claims, authority }: Look): Refusal | undefined {
  if (authority.settings.concessions.idTokens || authorizedParty(claims) !== undefined) return undefined;
  return notAnAccessToken();
}

/** The complaint about a token that no client asked for. */
export function notAnAccessToken(): Refusal {
  return {
    code: 'not_an_access_token',
    subject: 'authorized party (azp, appid)',
    found: 'nothing',
    expected: 'the client that asked for the token',
    hint: 'This looks like an ID token: it tells the client who signed in and opens no API. The client has to send the access token (MSAL: result.accessToken).',
  };
}
