import { LocalEntraError } from '../error.js';
import { generateSigningKey, type SigningKey } from './signing-key.js';

/** Appended to a key's ID where the key serves the tenant of personal Microsoft accounts. */
const consumersMark = '-consumers';

/** One key as a key document shows it. */
export interface PublishedKey {
  readonly kty: 'RSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
  /** The one issuer it serves, `{tenantid}` standing for any organisation. Entra's version 1 documents have none. */
  readonly issuer?: string;
}

/** The signing keys of one local Entra. All its tenants share them, as Entra's do. */
export class KeyRing {
  #keys: readonly [SigningKey, ...SigningKey[]];

  private constructor(first: SigningKey) {
    this.#keys = [first];
  }

  static async create(): Promise<KeyRing> {
    return new KeyRing(await generateSigningKey());
  }

  /** Signs from now on. */
  get current(): SigningKey {
    return this.#keys[0];
  }

  /** The IDs of the published keys, newest first. */
  get kids(): readonly string[] {
    return this.#keys.map((key) => key.kid);
  }

  /** Signs with a new key from now on, and goes on publishing some of the earlier ones. */
  async rotate(keep: number): Promise<void> {
    if (!Number.isInteger(keep) || keep < 0) {
      throw new LocalEntraError(
        'option_invalid',
        `rotateKeys({ keep }) is ${keep}, but it is how many earlier keys stay published: 0 or more.`,
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

  /** The keys for personal Microsoft accounts: named apart, so that they serve no organisation. */
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
