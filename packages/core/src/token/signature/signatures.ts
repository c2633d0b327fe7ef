import type { SigningKey } from '../../keys/key-set.js';
import type { Algorithm } from '../../options/options.js';
import { comesInCrowd } from './arrivals.js';
import { signatureHolds } from './signature.js';
import { SignaturePool } from './signature-pool.js';
import type { SignedToken } from './token-bytes.js';

/** For all validators, as the threads are. */
const pool = new SignaturePool();

/**
 * Finds the key that made a token's signature. Where many tokens come at once they are verified on other threads, and the
 * event loop goes on with other requests meanwhile.
 *
 * @returns the thumbprint of the key; `undefined` where none of them made the signature. A text: `await` would ask an object
 *   for a member called `then`
 */
export async function signedBy(
  jws: SignedToken,
  keys: readonly SigningKey[],
  algorithm: Algorithm,
): Promise<string | undefined> {
  const onThreads = pool.hasRoom && (pool.isBusy || comesInCrowd());
  for (const { key, thumbprint } of keys) {
    const holds = onThreads
      ? await pool.signatureHolds(jws, key, algorithm)
      : signatureHolds(jws, key, algorithm);
    if (holds === true) return thumbprint;
  }
  return undefined;
}
