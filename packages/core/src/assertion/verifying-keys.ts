import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../base/json-object.js';
import type { DocumentKind, NamedKey } from '../keys/documents/remote-document.js';

/** A public key of the service. */
export interface VerifyingKey extends NamedKey {
  readonly key: KeyObject;
}

/** The public keys of the service. */
export interface VerifyingKeys {
  readonly keys: readonly VerifyingKey[];
  find(kid: string): VerifyingKey | undefined;
}

const MOST_KEYS = 20;

/** The published keys, as a document that is read and refreshed. */
export const VERIFYING_KEYS: DocumentKind<VerifyingKeys> = {
  document: 'keys',
  purpose: 'keys of assertions',
  parse: parseVerifyingKeys,
  format: ({ keys }) => ({ keys: keys.map(({ key }) => publicJwk(key)) }),
  keysOf: ({ keys }) => keys,
};

/**
 * Reads a JWK set (RFC 7517 section 5) of keys on P-256.
 *
 * @throws Error for a key that can't verify assertions: what signs them publishes no others
 */
export function parseVerifyingKeys(json: JsonObject): VerifyingKeys {
  const list = json.keys;
  if (!Array.isArray(list) || list.length === 0) throw new Error('the key set has no list of keys');
  if (list.length > MOST_KEYS)
    throw new Error(`the key set holds ${list.length} keys, more than ${MOST_KEYS}`);
  const keys = list.map(verifyingKey);
  const byId = new Map(keys.map((key) => [key.kid, key]));
  if (byId.size < keys.length) throw new Error('two keys of the key set have the same kid');
  return Object.freeze({ keys: Object.freeze(keys), find: (kid: string) => byId.get(kid) });
}

function verifyingKey(jwk: unknown, index: number): VerifyingKey {
  const refuse = (why: string): Error => new Error(`key ${index + 1} of the key set ${why}`);
  if (!isJsonObject(jwk)) throw refuse('is not an object');
  const { kty, crv, x, y, d, kid, use, alg } = jwk;
  if (d !== undefined) throw refuse('is a private key, which has to stay with the service');
  if (kty !== 'EC' || crv !== 'P-256') throw refuse('is not on the curve P-256');
  if ((use ?? 'sig') !== 'sig' || (alg ?? 'ES256') !== 'ES256')
    throw refuse('is not for signatures by ES256');
  if (typeof x !== 'string' || typeof y !== 'string') throw refuse('has no coordinates');
  const key = keyOf({ kty, crv, x, y }, refuse);
  const thumbprint = thumbprintOf(key);
  // The ID is that of the key's material, so that a key set can't give one key the name of another.
  if (kid !== undefined && kid !== thumbprint)
    throw refuse('has a kid that is not its thumbprint (RFC 7638)');
  return Object.freeze({ kid: thumbprint, thumbprint, key });
}

function keyOf(jwk: JsonWebKey, refuse: (why: string) => Error): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw refuse('has coordinates that make no key');
  }
}

/** The SHA-256 thumbprint of a key on P-256 (RFC 7638 section 3). */
export function thumbprintOf(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** A public key as it is published. */
export function publicJwk(key: KeyObject): JsonObject {
  const { kty, crv, x, y } = key.export({ format: 'jwk' });
  return { kty, crv, x, y, kid: thumbprintOf(key), use: 'sig', alg: 'ES256' };
}
