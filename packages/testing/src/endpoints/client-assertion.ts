import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { App } from '../directory/apps.js';
import { decodeUnverifiedJwt, type UnverifiedJwt, verifyRsa } from '../tokens/read-jwt.js';
import type { EntraServices } from './call.js';
import { verifyFederated } from './federated-credential.js';
import { invalidAssertion } from './invalid-assertion.js';

/** Longest time from now to `exp`, in seconds. Microsoft advises ten minutes. */
const longest = 86_400;
/** Tolerated clock difference in seconds. */
const tolerance = 300;

/**
 * Verifies a client assertion: signed with a registered certificate, or by a federated identity provider. An undeclared
 * app has no credentials: any assertion passes.
 *
 * @throws {OAuthError} AADSTS700027, 700024, 700023, 700211, 700212 or 700213
 */
export async function verifyAssertion(entra: EntraServices, app: App, assertion: string): Promise<void> {
  const { certificate, certificates = [], federatedCredentials = [] } = app.registration;
  const pems = certificate === undefined ? certificates : [certificate, ...certificates];
  if (pems.length === 0 && federatedCredentials.length === 0) {
    if (!app.told) return;
    throw invalidAssertion(
      app,
      `apps.${app.name} has neither certificates nor federatedCredentials to verify it with`,
    );
  }
  const jwt = decodeUnverifiedJwt(assertion);
  if (jwt === undefined || (jwt.header.alg !== 'RS256' && jwt.header.alg !== 'PS256')) {
    throw invalidAssertion(app, 'it is not a JWT signed with RS256 or PS256');
  }
  if (jwt.payload.iss !== app.clientId && federatedCredentials.length > 0) {
    await verifyFederated(entra, app, jwt);
  } else {
    verifyOwn(entra, app, jwt, pems);
  }
  assertTimely(app, jwt, entra.now());
}

/** Verifies an assertion that the client signed with its certificate (RFC 7523, section 3). */
function verifyOwn(entra: EntraServices, app: App, jwt: UnverifiedJwt, pems: readonly string[]): void {
  const key = keyFor(app, jwt, pems);
  if (!verifyRsa(jwt, key)) throw invalidAssertion(app, 'it was signed with another key');
  const { iss, sub, aud, jti } = jwt.payload;
  if (iss !== app.clientId || sub !== app.clientId) {
    throw invalidAssertion(app, 'its iss and sub are not the client ID');
  }
  if (!isOurs(entra, aud)) {
    throw invalidAssertion(
      app,
      `its aud is ${JSON.stringify(aud)}, and not the token endpoint or the authority of a tenant`,
      700023,
    );
  }
  if (typeof jti !== 'string' || jti === '') throw invalidAssertion(app, 'it has no jti');
  if (!entra.sessions.firstUse(`${app.clientId} ${jti}`)) {
    throw invalidAssertion(app, 'its jti was used before. Sign a new assertion for each request');
  }
}

/** Finds the certificate that the header names by its thumbprint; without one, the only certificate. */
function keyFor(app: App, { header }: UnverifiedJwt, pems: readonly string[]): KeyObject {
  const named = [
    ['x5t#S256', 'sha256'],
    ['x5t', 'sha1'],
  ] as const;
  for (const [member, hash] of named) {
    const thumbprint = header[member];
    if (typeof thumbprint !== 'string') continue;
    const found = pems.find((pem) => thumbprintOf(pem, hash) === thumbprint);
    if (found !== undefined) return createPublicKey(found);
    // A public key alone has no thumbprint.
    const bare = pems.find((pem) => thumbprintOf(pem, hash) === undefined);
    if (bare !== undefined) return createPublicKey(bare);
    throw invalidAssertion(
      app,
      `the certificate with the thumbprint ${thumbprint} (${member}) is not registered for the application`,
    );
  }
  const [only, second] = pems;
  if (only === undefined) throw invalidAssertion(app, 'the application has no certificate');
  if (second !== undefined) throw invalidAssertion(app, 'its header names no certificate (x5t#S256)');
  return createPublicKey(only);
}

function thumbprintOf(pem: string, hash: 'sha256' | 'sha1'): string | undefined {
  if (!pem.includes('BEGIN CERTIFICATE')) return undefined;
  return createHash(hash).update(new X509Certificate(pem).raw).digest('base64url');
}

function isOurs({ authority, tenants }: EntraServices, aud: unknown): boolean {
  if (typeof aud !== 'string' || !aud.startsWith(`${authority.origin}/`)) return false;
  const path = aud.slice(authority.origin.length);
  const [, tenant] = /^\/([^/]+)\/(?:oauth2\/(?:v2\.0\/)?token|v2\.0\/?)?$/.exec(path) ?? [];
  if (tenant === undefined) return false;
  try {
    return tenant === 'common' || tenant === 'organizations' || tenants.named(tenant) !== undefined;
  } catch {
    return false;
  }
}

function assertTimely(app: App, { payload: { exp, nbf } }: UnverifiedJwt, now: number): void {
  const seconds = now / 1000;
  if (typeof exp !== 'number' || exp + tolerance <= seconds) {
    throw invalidAssertion(app, 'it has expired', 700024);
  }
  if (exp > seconds + longest + tolerance) {
    throw invalidAssertion(app, 'its exp is more than a day away. Ten minutes are enough', 700024);
  }
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf - tolerance <= seconds)) {
    throw invalidAssertion(app, 'it is not valid yet (nbf)', 700024);
  }
}
