import type { JsonObject } from '../../base/json-object.js';
import type { SigningKey } from '../../keys/key-set.js';
import type { Algorithm } from '../../options/options.js';
import { comesInCrowd } from './arrivals.js';
import { signatureHolds } from './signature.js';
import { SignaturePool } from './signature-pool.js';
import type { SignedToken } from './token-bytes.js';

/** One pool for all validators, because they share the threads. */
const pool = new SignaturePool();

/**
 * Finds the key that made a token's signature. If many tokens come at once, verifies them on other threads, so that the
 * event loop can serve other requests meanwhile.
 *
 * @returns the thumbprint of the key; `undefined` if none of them made the signature. It is text, because `await` would
 * look for a `then` on an object
 */
export function signedBy(
  jws: SignedToken & { readonly header: JsonObject },
  keys: readonly SigningKey[],
): string | undefined | Promise<string | undefined> {
  const algorithm = jws.header.alg as Algorithm;
  return pool.hasRoom && (pool.isBusy || comesInCrowd())
    ? signedByOnThreads(jws, keys, algorithm)
    : keys.find(({ key }) => signatureHolds(jws, key, algorithm))?.thumbprint;
}

async function signedByOnThreads(
  jws: SignedToken,
  keys: readonly SigningKey[],
  algorithm: Algorithm,
): Promise<string | undefined> {
  for (const { key, thumbprint } of keys) {
    if ((await pool.signatureHolds(jws, key, algorithm)) === true) return thumbprint;
  }
  return undefined;
}
