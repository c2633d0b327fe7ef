import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { types } from 'node:util';
import { ConfigurationError } from '../base/errors.js';
import { assertKnown } from '../options/option-readers.js';
import { type Opened, openEnvelope, sealEnvelope } from './envelope.js';

/** One key of a {@link KeyRing}. */
export interface KeyRingEntry {
  /**
   * The key's name in what it seals, not encrypted, such as `'2026-11'`. 1 to 64 letters, digits and `.`, `_`, `-`.
   * Never reuse an ID for another secret.
   */
  readonly id: string;
  /** At least 32 random bytes, as bytes or in base64 (also base64url): `openssl rand -base64 32`. */
  readonly secret: string | Uint8Array;
}

/** Keys to seal and open with. Made by {@link keyRing}. JSON and logs of a ring don't show its secrets. */
export interface KeyRing {
  /** The IDs of the keys. The first key seals. */
  readonly ids: readonly string[];
}

/** What a ring does for this package. */
export interface Sealing {
  seal(purpose: string, text: string): string;
  open(purpose: string, sealed: unknown): Opened;
  /**
   * Derives a key for one thing, such as one entry of a store, with HKDF (RFC 5869). Nothing of it is kept.
   *
   * @param info what the key is for; no other code uses this text
   * @returns `undefined` if the ring has no key with this ID
   */
  derive(id: string, info: string): KeyObject | undefined;
}

/** A registered symbol, because another copy of the package may have made the ring. */
export const SEALING: unique symbol = Symbol.for('entra-guard/sealing') as never;

const LEAST_BYTES = 32;

/**
 * Makes a ring of keys. The first key seals, all keys open. To rotate, put a new key first, and keep the old one until
 * all that it has sealed has ended.
 *
 * ```ts
 * const ring = keyRing([{ id: '2026-11', secret: process.env.SEALING_KEY }]);
 * ```
 *
 * @throws ConfigurationError for no keys, a duplicate ID, or a secret that is too short or not base64. No error shows a
 * secret
 */
export function keyRing(keys: readonly KeyRingEntry[]): KeyRing {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new ConfigurationError(
      `keyRing(...) was given ${Array.isArray(keys) ? 'no keys' : typeOf(keys)}.`,
      "Pass a list: [{ id: '2026-11', secret }], with a secret as openssl rand -base64 32 makes it.",
    );
  }
  const secrets = new Map<string, KeyObject>();
  for (const entry of keys) {
    const id = idOf(entry);
    if (secrets.has(id)) {
      throw new ConfigurationError(
        `keyRing(...) was given two keys called '${id}'.`,
        'Give each key its own ID. An ID always names one secret, so that what was sealed can be opened.',
      );
    }
    secrets.set(id, secretOf(id, Object.hasOwn(entry, 'secret') ? entry.secret : undefined));
  }
  return new SecretKeyRing(secrets);
}

/**
 * Returns what a ring can do.
 *
 * @param what the name of the calling function, for errors
 * @throws ConfigurationError for anything that `keyRing(...)` did not make
 */
export function sealingOf(what: string, ring: unknown): Sealing {
  const sealing =
    typeof ring === 'object' && ring !== null
      ? (ring as { readonly [SEALING]?: Sealing | undefined })[SEALING]
      : undefined;
  if (sealing !== undefined) return sealing;
  throw new ConfigurationError(
    `${what} was given ${typeOf(ring)} instead of a key ring.`,
    "Pass what keyRing([{ id: '2026-11', secret }]) gives.",
  );
}

class SecretKeyRing implements KeyRing {
  readonly ids: readonly string[];
  readonly #secrets: ReadonlyMap<string, KeyObject>;
  /**
   * Derived keys, by key ID and purpose. Each purpose has its own key, so that what was sealed for one can't be opened
   * for another.
   */
  readonly #derived = new Map<string, KeyObject>();

  constructor(secrets: ReadonlyMap<string, KeyObject>) {
    this.ids = Object.freeze([...secrets.keys()]);
    this.#secrets = secrets;
    Object.freeze(this);
  }

  /** Not for applications. `undefined` for a copy of a ring, or an object that inherits from one. */
  get [SEALING](): Sealing | undefined {
    if (!(#secrets in this)) return undefined;
    return {
      seal: (purpose, text) => {
        const id = this.ids[0] as string;
        return sealEnvelope(purpose, id, this.#keyFor(purpose, id) as KeyObject, text);
      },
      open: (purpose, sealed) => openEnvelope(purpose, sealed, (id) => this.#keyFor(purpose, id)),
      derive: (id, info) => derived(this.#secrets.get(id), info),
    };
  }

  /** Derives the key for a purpose with HKDF (RFC 5869). */
  #keyFor(purpose: string, id: string): KeyObject | undefined {
    const name = `${purpose} ${id}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const key = derived(this.#secrets.get(id), purpose);
    if (key !== undefined) this.#derived.set(name, key);
    return key;
  }
}

function derived(secret: KeyObject | undefined, info: string): KeyObject | undefined {
  if (secret === undefined) return undefined;
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `entra-guard/${info}`, 32)));
}

function idOf(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) {
    throw new ConfigurationError(
      `keyRing(...) was given ${typeOf(entry)} for a key.`,
      "Give each key a name: { id: '2026-11', secret }.",
    );
  }
  assertKnown('member of a key called', entry, ['id', 'secret']);
  const id: unknown = Object.hasOwn(entry, 'id') ? (entry as KeyRingEntry).id : undefined;
  if (typeof id === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(id)) return id;
  throw new ConfigurationError(
    `keyRing(...) was given an id that is ${typeof id === 'string' ? `text of ${id.length} characters` : typeOf(id)}.`,
    "An id is 1 to 64 letters, digits and '.', '_', '-': '2026-11'.",
  );
}

/** Describes a value by its type only, because it may be a misplaced secret. */
function typeOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** @throws ConfigurationError, which tells only the secret's length */
function secretOf(id: string, secret: unknown): KeyObject {
  const bytes = types.isUint8Array(secret) ? Buffer.from(secret) : bytesOf(id, secret);
  if (bytes.length >= LEAST_BYTES) return createSecretKey(bytes);
  throw new ConfigurationError(
    `keyRing(...): the secret of the key '${id}' has ${bytes.length} bytes, and at least ${LEAST_BYTES} are needed.`,
    'Make one that is random: openssl rand -base64 32.',
  );
}

function bytesOf(id: string, secret: unknown): Buffer {
  if (typeof secret !== 'string' || secret === '') {
    throw new ConfigurationError(
      `keyRing(...): the secret of the key '${id}' is ${secret === '' ? 'empty' : typeOf(secret)}.`,
      'Is an environment variable unset? Give at least 32 random bytes, as bytes or in base64: openssl rand -base64 32.',
    );
  }
  // Accepts both alphabets (RFC 4648 sections 4 and 5), padded or not. Node's decoder ignores other characters, so they
  // are compared afterwards.
  const plain = secret
    .replace(/={1,2}$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  const bytes = Buffer.from(plain, 'base64url');
  if (bytes.toString('base64url') === plain) return bytes;
  throw new ConfigurationError(
    `keyRing(...): the secret of the key '${id}' is text of ${secret.length} characters that is not base64.`,
    'A password is not a key. Make one that is random: openssl rand -base64 32.',
  );
}
