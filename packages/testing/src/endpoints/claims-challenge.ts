/**
 * Makes the challenge by which clients with the capability `cp1` get a new token.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
 *
 * @param claims a claims request, such as `{ access_token: { nbf: { essential: true, value: '1604106651' } } }`
 */
export function claimsChallenge(claims: object): string {
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64');
  return `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${encoded}"`;
}
