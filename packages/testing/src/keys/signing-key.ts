import { createHash, generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Entra's own size, and the least a validator should take. */
const modulusLength = 2048;

/** An RSA key of the local Entra. */
export interface SigningKey {
  /** Marked, so that a token of a local Entra is recognised in a log. */
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

/** A key that no authority ever published. Made when first asked for; one does for the whole process. */
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
