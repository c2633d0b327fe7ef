import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

/** Bits. Entra's keys have this size, and RFC 7518, section 3.3 demands it as a minimum. */
const modulusLength = 2048;

/** An RSA key of the local Entra. */
export interface SigningKey {
  /** Key ID. It has a mark by which a log shows that a token is from a local Entra. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export async function generateSigningKey(): Promise<SigningKey> {
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength }, (error, publicKey, privateKey) => {
      if (error === null) resolve(signingKey(publicKey, privateKey));
      else reject(error);
    });
  });
}

/** Reads a private key, PKCS #8 in PEM. Its ID is the one that it had before. */
export function readSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'rsa') throw new TypeError('The key is not an RSA key.');
  return signingKey(createPublicKey(privateKey), privateKey);
}

/** Writes a private key as PKCS #8 in PEM. */
export function pemOf({ privateKey }: SigningKey): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

let stranger: SigningKey | undefined;

/** Returns a key that is never published. It is made on first use and shared by the whole process. */
export function strangerKey(): SigningKey {
  if (stranger === undefined) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
    stranger = signingKey(publicKey, privateKey);
  }
  return stranger;
}

function signingKey(publicKey: KeyObject, privateKey: KeyObject): SigningKey {
  const thumbprint = createHash('sha1').update(publicKey.export({ type: 'spki', format: 'der' }));
  return { kid: `local-entra-${thumbprint.digest('base64url')}`, publicKey, privateKey };
}
