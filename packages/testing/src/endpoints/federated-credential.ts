import { createPublicKey, type KeyObject } from 'node:crypto';
import type { AadstsCode } from '../aadsts-codes.js';
import type { App } from '../directory/apps.js';
import type { FederatedCredential } from '../directory/registration.js';
import { TOKEN_EXCHANGE, TOKEN_EXCHANGE_ID } from '../tokens/exchange-token.js';
import { type UnverifiedJwt, verifyRsa } from '../tokens/read-jwt.js';
import type { EntraServices } from './call.js';
import { invalidAssertion } from './invalid-assertion.js';
import { isLoopbackUrl } from './loopback-url.js';
import { OAuthError } from './oauth-error.js';

/** Longest time to wait for an issuer's keys, in milliseconds. */
const patience = 5000;

/**
 * Verifies an assertion of another identity provider, such as GitHub Actions or Kubernetes, or of a managed identity of
 * this local Entra.
 *
 * @throws {OAuthError} AADSTS700211, 700212 or 700213 if no credential of the app fits; 700027 for the signature
 */
export async function verifyFederated(entra: EntraServices, app: App, jwt: UnverifiedJwt): Promise<void> {
  const { iss, sub, aud } = jwt.payload;
  const audiences = Array.isArray(aud) ? aud : [aud];
  const { federatedCredentials = [] } = app.registration;
  const byIssuer = federatedCredentials.filter(({ issuer }) => issuer === iss);
  const noRecord = (aadsts: AadstsCode, what: string) =>
    new OAuthError(
      'invalid_client',
      aadsts,
      `No matching federated identity record found for presented assertion ${what}. Check apps.${app.name}.federatedCredentials.`,
      401,
    );
  if (byIssuer.length === 0) throw noRecord(700211, `issuer '${String(iss)}'`);
  const bySubject = byIssuer.filter(({ subject }) => subject === sub);
  if (bySubject.length === 0) throw noRecord(700213, `subject '${String(sub)}'`);
  const credential = bySubject.find(({ audience = TOKEN_EXCHANGE }) =>
    audiences.some((one) => one === audience || (audience === TOKEN_EXCHANGE && one === TOKEN_EXCHANGE_ID)),
  );
  if (credential === undefined) throw noRecord(700212, `audience '${audiences.join(', ')}'`);
  const keys = await keysOf(entra, app, credential, jwt.header.kid);
  if (!keys.some((key) => verifyRsa(jwt, key))) {
    throw invalidAssertion(app, "its signature does not hold by its issuer's keys");
  }
}

/** Returns the keys of an issuer: those in the registration, this local Entra's own, or those fetched from loopback. */
async function keysOf(
  entra: EntraServices,
  app: App,
  { issuer, jwks }: FederatedCredential,
  kid: unknown,
): Promise<readonly KeyObject[]> {
  if (jwks !== undefined) return keysIn(jwks, kid);
  if (issuer.startsWith(`${entra.authority.origin}/`)) {
    const own = typeof kid === 'string' ? entra.keys.find(kid) : undefined;
    return own === undefined ? [] : [own.publicKey];
  }
  if (!isLoopbackUrl(issuer)) {
    throw invalidAssertion(
      app,
      `the keys of ${issuer} are not known. A local Entra fetches keys from this machine only; put them into federatedCredentials as jwks`,
    );
  }
  try {
    const { jwks_uri: uri } = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (typeof uri !== 'string' || !isLoopbackUrl(uri)) return [];
    return keysIn(await readJson(uri), kid);
  } catch (cause) {
    throw invalidAssertion(
      app,
      `the keys of ${issuer} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

async function readJson(url: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await globalThis.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patience) });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

function keysIn(jwks: unknown, kid: unknown): readonly KeyObject[] {
  const { keys } = (jwks ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) return [];
  return keys
    .filter((key) => key?.kty === 'RSA' && (kid === undefined || key.kid === undefined || key.kid === kid))
    .map((key) => createPublicKey({ key, format: 'jwk' }));
}
