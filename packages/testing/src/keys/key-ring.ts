import { LocalEntraError } from '../error.js';
import { generateSigningKey, pemOf, readSigningKey, type SigningKey } from './signing-key.js';

/** Suffix of the ID of a key for the tenant of personal Microsoft accounts. */
const consumersMark = '-consumers';

/** One key of a key document. */
export interface PublishedKey {
  readonly kty: 'RSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
  /** The issuer of the key; `{tenantid}` stands for any organisation. Entra's version 1 documents have none. */
  readonly issuer?: string;
}

/** The signing keys of one local Entra. As in Entra, all tenants share them. */
export class KeyRing {
  #keys: readonly [SigningKey, ...SigningKey[]];

  private constructor(keys: readonly [SigningKey, ...SigningKey[]]) {
    this.#keys = keys;
  }

  static async create(): Promise<KeyRing> {
    return new KeyRing([await generateSigningKey()]);
  }

  /**
   * Makes a ring of keys that were kept.
   * @param pems private keys, PKCS #8 in PEM, newest first
   */
  static of([newest, ...earlier]: readonly [string, ...string[]]): KeyRing {
    return new KeyRing([readSigningKey(newest), ...earlier.map(readSigningKey)]);
  }

  /** The private keys, PKCS #8 in PEM, newest first. Only for a file that no other user may read. */
  get pems(): readonly [string, ...string[]] {
    const [newest, ...earlier] = this.#keys;
    return [pemOf(newest), ...earlier.map(pemOf)];
  }

  /** The key that signs new tokens. */
  get current(): SigningKey {
    return this.#keys[0];
  }

  /** The IDs of the published keys, newest first. */
  get kids(): readonly string[] {
    return this.#keys.map((key) => key.kid);
  }

  /** Replaces the current key, and keeps publishing the latest `keep` of the earlier ones. */
  async rotate(keep: number): Promise<void> {
    if (!Number.isInteger(keep) || keep < 0) {
      throw new LocalEntraError(
        'option_invalid',
        `rotateKeys({ keep }) is ${keep}, but keep is the number of earlier keys that stay published: 0 or more.`,
      );
    }
    const next = await generateSigningKey();
    this.#keys = [next, ...this.#keys.slice(0, keep)];
  }

  find(kid: string): SigningKey | undefined {
    return this.#keys.find((key) => key.kid === kid || consumersKid(key) === kid);
  }

  published(issuer?: string): readonly PublishedKey[] {
    return this.#keys.map((key) => publishedKey(key, key.kid, issuer));
  }

  /** Returns the keys for personal Microsoft accounts. Their IDs are different, so they serve no organisation. */
  publishedForConsumers(issuer: string): readonly PublishedKey[] {
    return this.#keys.map((key) => publishedKey(key, consumersKid(key), issuer));
  }
}

export function consumersKid(key: SigningKey): string {
  return key.kid + consumersMark;
}

function publishedKey(key: SigningKey, kid: string, issuer: string | undefined): PublishedKey {
  const { n = '', e = '' } = key.publicKey.export({ format: 'jwk' });
  return { kty: 'RSA', use: 'sig', kid, x5t: kid, n, e, ...(issuer === undefined ? {} : { issuer }) };
}
