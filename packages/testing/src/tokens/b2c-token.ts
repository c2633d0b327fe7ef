import type { App } from '../directory/apps.js';
import type { B2cPolicy } from '../directory/b2c-policies.js';
import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';
import { b2cIssuer } from '../issuers.js';
import { lifetimeFor, type Mint, secondsNow } from './token-envelope.js';

/** What every token of Azure AD B2C is made from. */
export interface B2cToken {
  readonly api: App;
  readonly tenant: Tenant;
  readonly policy: B2cPolicy;
  readonly clientId: string;
  /** Scopes of a user, or permissions of an app: B2C writes both into `scp`. */
  readonly scopes: readonly string[];
}

/** Makes the claims of a user's access token. The user signed in now, by a policy. */
export function b2cUserClaims(mint: Mint, token: B2cToken, person: Person): Record<string, unknown> {
  return {
    ...b2cClaims(mint, token),
    auth_time: secondsNow(mint),
    oid: person.oid,
    sub: person.oid,
    name: person.displayName,
    emails: [person.upn],
  };
}

/** Makes the claims of an app's access token, which is one of a user but for the subject. */
export function b2cAppClaims(mint: Mint, token: B2cToken, app: App): Record<string, unknown> {
  return { ...b2cClaims(mint, token), oid: app.oid, sub: app.oid };
}

/**
 * Makes the claims of either. There is no `tid`, the version is 1.0 at the endpoint of version 2, and nothing is
 * back-dated.
 *
 * Source: https://learn.microsoft.com/azure/active-directory-b2c/tokens-overview
 */
function b2cClaims(mint: Mint, { api, tenant, policy, clientId, scopes }: B2cToken): Record<string, unknown> {
  const now = secondsNow(mint);
  return {
    iss: b2cIssuer(mint.authority, tenant, policy),
    aud: api.clientId,
    iat: now,
    nbf: now,
    exp: now + lifetimeFor(api),
    azp: clientId,
    scp: scopes.join(' '),
    [policy.claim]: policy.name,
    ver: '1.0',
  };
}
