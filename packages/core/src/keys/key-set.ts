import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../base/json-object.js';

/** Most keys in a set. Entra: an application has to be able to hold 10 to 1000 keys. */
export const MAX_KEYS = 1000;
const MIN_BITS = 2048;
/** Characters of base64url: 16,384 bits. */
const MAX_MODULUS_LENGTH = 2731;
/** Characters of base64url: 64 bits. */
const MAX_EXPONENT_LENGTH = 11;

/** A key that may have signed a token. */
export interface SigningKey {
  readonly kid: string;
  /** The only algorithm that it may be used for; Entra's keys don't name one. */
  readonly alg: string | undefined;
  /** The only issuer that it may sign for; may hold `{tenantid}`. v1 key sets name none. */
  readonly issuer: string | undefined;
  /** SHA-256 over the key material (RFC 7638). */
  readonly thumbprint: string;
  readonly key: KeyObject;
}

/** One published key set, immutable. */
export interface KeySet {
  /** Returns the keys with that ID, mostly one. */
  find(kid: string): readonly SigningKey[];
  readonly keys: readonly SigningKey[];
  readonly kids: readonly string[];
  /** Why keys were skipped, one phrase each. */
  readonly skipped: readonly string[];
}

/**
 * Reads a JWK set (RFC 7517 section 5). Skips and reports unusable keys.
 *
 * @throws Error if it holds no usable key, or more than 1000 keys
 */
export function parseKeySet(json: JsonObject): KeySet {
  const list = json.keys;
  if (!Array.isArray(list)) throw new Error('the key set has no list of keys');
  if (list.length > MAX_KEYS) throw new Error(`the key set holds ${list.length} keys, more than ${MAX_KEYS}`);
  const byKid = new Map<string, SigningKey[]>();
  const skipped: string[] = [];
  for (const [index, jwk] of list.entries()) {
    const key = signingKey(jwk);
    if (typeof key === 'string') skipped.push(`key ${index + 1}: ${key}`);
    else byKid.set(key.kid, [...(byKid.get(key.kid) ?? []), key]);
  }
  if (byKid.size === 0)
    throw new Error(`the key set holds no usable key (${skipped.join('; ') || 'it is empty'})`);
  return Object.freeze({
    find: (kid: string) => byKid.get(kid) ?? [],
    keys: Object.freeze([...byKid.values()].flat()),
    kids: Object.freeze([...byKid.keys()]),
    skipped: Object.freeze(skipped),
  });
}

/** Writes a JWK set from which {@link parseKeySet} makes the same key set. */
export function formatKeySet({ keys }: KeySet): JsonObject {
  const jwks = keys.map(({ kid, alg, issuer, key }) => {
    const { kty, n, e } = key.export({ format: 'jwk' });
    return {
      kty,
      use: 'sig',
      kid,
      ...(alg === undefined ? {} : { alg }),
      ...(issuer === undefined ? {} : { issuer }),
      n,
      e,
    };
  });
  return { keys: jwks };
}

/** Returns a usable key, or the reason why a key is unusable. */
function signingKey(jwk: unknown): SigningKey | string {
  if (!isJsonObject(jwk)) return 'not an object';
  const { kty, kid, use, key_ops: operations, alg, n, e, issuer } = jwk;
  if (kty !== 'RSA') return `type ${String(kty).slice(0, 20)} instead of RSA`;
  if (typeof kid !== 'string' || kid === '') return 'no kid';
  if (use !== undefined && use !== 'sig') return 'not for signatures (use)';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'not for verifying (key_ops)';
  }
  if (alg !== undefined && alg !== 'RS256' && alg !== 'PS256')
    return `for algorithm ${String(alg).slice(0, 20)}`;
  if (issuer !== undefined && typeof issuer !== 'string') return 'an issuer that is not a string';
  if (typeof n !== 'string' || typeof e !== 'string') return 'no modulus or exponent';
  // OpenSSL's time grows with the square of these lengths, and no timer can interrupt it.
  if (n.length > MAX_MODULUS_LENGTH || e.length > MAX_EXPONENT_LENGTH)
    return 'a modulus or exponent that is too long';
  if (!isSoundExponent(e)) return 'an exponent that is not odd and at least 3';
  const made = keyOf(n, e);
  return typeof made === 'string' ? made : Object.freeze({ kid, alg, issuer, ...made });
}

type Material = Pick<SigningKey, 'key' | 'thumbprint'>;

/**
 * Keys by their material. Entra signs for all tenants with the same few keys, so each is made once and not once per
 * tenant.
 */
const materials = new Map<string, Material>();
const MAX_MATERIALS = 256;

function keyOf(n: string, e: string): Material | string {
  const name = `${n}.${e}`;
  const known = materials.get(name);
  if (known !== undefined) return known;
  try {
    const key = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    const bits = Number(key.asymmetricKeyDetails?.modulusLength);
    if (!(bits >= MIN_BITS)) return `${bits} bits instead of at least ${MIN_BITS}`;
    // In Node's spelling, because one key may be spelt in several ways.
    const canonical = key.export({ format: 'jwk' });
    const thumbprint = createHash('sha256')
      .update(JSON.stringify({ e: canonical.e, kty: 'RSA', n: canonical.n }))
      .digest('base64url');
    if (materials.size >= MAX_MATERIALS) materials.clear();
    materials.set(name, { thumbprint, key });
    return { thumbprint, key };
  } catch {
    return 'modulus or exponent that make no key';
  }
}

/**
 * Tells whether an exponent is safe. With an exponent of 1 anyone can forge signatures; NIST SP 800-56B requires an odd
 * one.
 */
function isSoundExponent(e: string): boolean {
  const bytes = Buffer.from(e, 'base64url');
  const value = BigInt(`0x0${bytes.toString('hex')}`);
  return value >= 3n && value % 2n === 1n;
}
