import { ConfigurationError, type KeyRing, keyRing, ownOptions } from '@entra-guard/core';
import { kindOfFailure } from '../credential/unusable.js';
import { assertKnown, shown } from '../options/read.js';

/** Keys that a vault has wrapped, so that their text may stand in the configuration. */
export interface WrappedKeys {
  /** The first seals, all open. Made by `entra-guard keys new`. */
  readonly keys: readonly { readonly id: string; readonly wrapped: string }[];
  /**
   * Unwraps a key in the vault, as `CryptographyClient.unwrapKey` of `@azure/keyvault-keys` does.
   *
   * @param wrapped what the vault gave when it wrapped the key
   * @param id the key's ID
   * @returns the key, at least 32 bytes
   */
  readonly unwrap: (wrapped: Uint8Array, id: string) => Promise<Uint8Array>;
}

/** Keys that are unwrapped when they are needed first. Made by {@link wrappedKeyRing}. */
export interface WrappedKeyRing {
  /** The IDs of the keys. The first key seals. */
  readonly ids: readonly string[];
}

/** How long after a failure the vault is asked again, in milliseconds. */
const PAUSE = 5000;

/** A registered symbol, because another copy of the package may have made it. */
const UNWRAPPING: unique symbol = Symbol.for('entra-guard/unwrapping') as never;

/** What a wrapped ring does. */
export interface Unwrapping {
  /** The ring, once it was unwrapped. */
  readonly ring: KeyRing | undefined;
  /** Unwraps it, if that was not done, and did not fail within the last seconds. Never rejects. */
  unwrap(): Promise<KeyRing | undefined>;
  /** Why the last attempt failed: the name and code of the error. */
  readonly lastError: string | undefined;
}

/**
 * Takes keys that a vault has wrapped, so that no secret stands in the configuration: the machine's managed identity may unwrap them.
 * While the vault can't be reached, nothing is read from the store and nothing is written to it.
 *
 * ```ts
 * const ring = wrappedKeyRing({
 *   keys: [{ id: '2026-11', wrapped: 'aGVsbG8…' }],
 *   unwrap: async (wrapped) => (await cryptography.unwrapKey('RSA-OAEP-256', wrapped)).result,
 * });
 * ```
 *
 * @throws ConfigurationError for no keys, a key that is not base64url, and anything but a function
 */
export function wrappedKeyRing(given: WrappedKeys): WrappedKeyRing {
  const names = ['keys', 'unwrap'] as const;
  if (typeof given !== 'object' || given === null) throw notKeys(shown(given));
  const { keys, unwrap } = ownOptions('wrappedKeyRing(...)', given, names);
  assertKnown('wrappedKeyRing(...)', given, names);
  if (!Array.isArray(keys) || keys.length === 0) throw notKeys(Array.isArray(keys) ? 'no keys' : shown(keys));
  if (typeof unwrap !== 'function') {
    throw new ConfigurationError(
      `wrappedKeyRing(...): unwrap is ${shown(unwrap)}.`,
      'Pass a function that asks the vault.',
    );
  }
  const wrapped = keys.map(readWrapped);
  const ring = { ids: Object.freeze(wrapped.map(({ id }) => id)) };
  Object.defineProperty(ring, UNWRAPPING, { value: new VaultKeys(wrapped, unwrap) });
  return Object.freeze(ring);
}

/** Returns what a wrapped ring does; `undefined` for anything else. */
export function unwrappingOf(given: unknown): Unwrapping | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  return (given as { readonly [UNWRAPPING]?: Unwrapping })[UNWRAPPING];
}

interface WrappedKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

class VaultKeys implements Unwrapping {
  ring: KeyRing | undefined;
  lastError: string | undefined;
  readonly #keys: readonly WrappedKey[];
  readonly #unwrap: WrappedKeys['unwrap'];
  #running: Promise<KeyRing | undefined> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(keys: readonly WrappedKey[], unwrap: WrappedKeys['unwrap']) {
    this.#keys = keys;
    this.#unwrap = unwrap;
  }

  async unwrap(): Promise<KeyRing | undefined> {
    if (this.ring !== undefined || performance.now() - this.#failedAt < PAUSE) return this.ring;
    this.#running ??= this.#ask().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #ask(): Promise<KeyRing | undefined> {
    try {
      const secrets = this.#keys.map(async ({ id, bytes }) => ({
        id,
        secret: await this.#unwrap(bytes, id),
      }));
      this.ring = keyRing(await Promise.all(secrets));
      this.lastError = undefined;
    } catch (error) {
      this.#failedAt = performance.now();
      this.lastError = kindOfFailure(error);
    }
    return this.ring;
  }
}

function readWrapped(given: unknown): WrappedKey {
  const { id, wrapped } = (typeof given === 'object' && given !== null ? given : {}) as Record<
    string,
    unknown
  >;
  if (typeof id !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
    throw new ConfigurationError(
      `wrappedKeyRing(...) was given the id ${shown(id)}.`,
      "An id is 1 to 64 letters, digits and '.', '_', '-': '2026-11'.",
    );
  }
  if (typeof wrapped !== 'string' || !/^[A-Za-z0-9_-]{43,}$/.test(wrapped)) {
    throw new ConfigurationError(
      `wrappedKeyRing(...): wrapped of the key '${id}' is ${typeof wrapped === 'string' ? 'not base64url of a wrapped key' : shown(wrapped)}.`,
      'Make one: entra-guard keys new --vault URL. It prints { "id", "wrapped" }.',
    );
  }
  return { id, bytes: Buffer.from(wrapped, 'base64url') };
}

function notKeys(found: string): ConfigurationError {
  return new ConfigurationError(
    `wrappedKeyRing(...) was given ${found}.`,
    "Pass { keys: [{ id, wrapped }], unwrap }, with keys as 'entra-guard keys new' prints them.",
  );
}
