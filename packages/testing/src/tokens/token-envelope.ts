import { createHash, randomBytes } from 'node:crypto';
import type { App } from '../directory/apps.js';
import { asksFor } from '../directory/apps.js';
import type { Tenant } from '../directory/tenants.js';
import { type Authority, issuerOf } from '../issuers.js';

export type TokenVersion = '1.0' | '2.0';

/** Entra back-dates `iat` and `nbf`, so that a clock a little behind takes the token. Seconds. */
const backDated = 300;

/** Lifetimes from now on, in seconds. */
export const lifetimes = {
  accessToken: 3600,
  managedIdentity: 86_400,
  /** Of Microsoft's own example of an agent that acts as itself. */
  agent: 28_800,
} as const;

/** Where and when tokens are made. */
export interface Mint {
  readonly authority: Authority;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function secondsNow(mint: Mint): number {
  return Math.floor(mint.now() / 1000);
}

export interface Envelope {
  readonly api: App;
  readonly tenant: Tenant;
  readonly version: TokenVersion;
  /** Seconds from now on. */
  readonly lifetime: number;
}

/** The claims that every access token of Entra begins with. `aio`, `rh` and `uti` are opaque and new each time. */
export function envelope(mint: Mint, { api, tenant, version, lifetime }: Envelope): Record<string, unknown> {
  const now = secondsNow(mint);
  return {
    aud: audienceOf(api, version),
    iss: issuerOf(mint.authority, version, tenant.id),
    iat: now - backDated,
    nbf: now - backDated,
    exp: now + lifetime,
    ...opaque(),
    tid: tenant.id,
    ver: version,
  };
}

/** Claims that an API must not read, so they differ from token to token. */
export function opaque(): { aio: string; rh: string; uti: string } {
  const random = randomBytes(64);
  return {
    aio: random.toString('base64', 0, 33),
    rh: `1.${random.toString('base64url', 33, 48)}.`,
    uti: random.toString('base64url', 48, 64),
  };
}

/** Version 2: the API's client ID. Version 1: its application ID URI, unless it asked for the GUID. */
function audienceOf(api: App, version: TokenVersion): string {
  return version === '1.0' && !asksFor(api, 'aud', 'use_guid') ? api.applicationIdUri : api.clientId;
}

/** `sub` of a user: another one for each API, the same in all of this API's tokens. */
export function pairwiseSubject(tenantId: string, clientId: string, oid: string): string {
  return createHash('sha256').update(`${tenantId}:${clientId}:${oid}`).digest('base64url');
}

/** The client of a token, in the words of its version. */
export function authorizedParty(version: TokenVersion, clientId: string, credential: '0' | '1' | '2') {
  return version === '1.0'
    ? { appid: clientId, appidacr: credential }
    : { azp: clientId, azpacr: credential };
}
