import { createHash, randomBytes } from 'node:crypto';
import type { App } from '../directory/apps.js';
import { asksFor } from '../directory/apps.js';
import type { Tenant } from '../directory/tenants.js';
import { type Authority, issuerOf } from '../issuers.js';

export type TokenVersion = '1.0' | '2.0';

/** Seconds by which Entra back-dates `iat` and `nbf`, so that an API with a slow clock accepts the token. */
export const backDated = 300;

/** Lifetimes in seconds from now. */
export const lifetimes = {
  accessToken: 3600,
  managedIdentity: 86_400,
  /** From Microsoft's example of an agent that acts as itself. */
  agent: 28_800,
} as const;

/** Returns how long access tokens for an API last, in seconds. */
export function lifetimeFor({ registration }: App): number {
  return registration.accessTokenLifetime ?? lifetimes.accessToken;
}

/** What every token is made with: the authority, the directory and the clock. */
export interface Mint {
  readonly authority: Authority;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

export function secondsNow(mint: Mint): number {
  return Math.floor(mint.now() / 1000);
}

export interface Envelope {
  readonly api: App;
  readonly tenant: Tenant;
  readonly version: TokenVersion;
  /** Seconds from now. */
  readonly lifetime: number;
}

/** Makes the claims that every access token of Entra has. `aio`, `rh` and `uti` are opaque and always new. */
export function envelope(mint: Mint, { api, tenant, version, lifetime }: Envelope): Record<string, unknown> {
  return envelopeFor(mint, audienceOf(api, version), { tenant, version, lifetime });
}

/** Like {@link envelope}, for an audience that is not an API of the directory. */
export function envelopeFor(
  mint: Mint,
  audience: string,
  { tenant, version, lifetime }: Omit<Envelope, 'api'>,
): Record<string, unknown> {
  const now = secondsNow(mint);
  return {
    aud: audience,
    iss: issuerOf(mint.authority, version, tenant.id),
    iat: now - backDated,
    nbf: now - backDated,
    exp: now + lifetime,
    ...opaque(),
    tid: tenant.id,
    ver: version,
  };
}

/** Makes the claims that an API must not interpret. They differ from token to token. */
export function opaque(): { aio: string; rh: string; uti: string } {
  const random = randomBytes(64);
  return {
    aio: random.toString('base64', 0, 33),
    rh: `1.${random.toString('base64url', 33, 48)}.`,
    uti: random.toString('base64url', 48, 64),
  };
}

/** Returns the audience. Version 2: the API's client ID. Version 1: its application ID URI, or the GUID if it asks. */
function audienceOf(api: App, version: TokenVersion): string {
  return version === '1.0' && !asksFor(api, 'aud', 'use_guid') ? api.applicationIdUri : api.clientId;
}

/** Makes the pairwise `sub` of a user: it differs between APIs, and is constant for one API. */
export function pairwiseSubject(tenantId: string, clientId: string, oid: string): string {
  return createHash('sha256').update(`${tenantId}:${clientId}:${oid}`).digest('base64url');
}

/** Makes the claims that name the client: `azp` and `azpacr`, or `appid` and `appidacr` in version 1. */
export function authorizedParty(version: TokenVersion, clientId: string, credential: '0' | '1' | '2') {
  return version === '1.0'
    ? { appid: clientId, appidacr: credential }
    : { azp: clientId, azpacr: credential };
}
