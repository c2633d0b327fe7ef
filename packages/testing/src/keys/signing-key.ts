import { createHash, generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto';

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
