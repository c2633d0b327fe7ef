import { constants, createHmac, sign } from 'node:crypto';
import { consumersTenantId } from '../directory/tenants.js';
import { consumersKid } from '../keys/key-ring.js';
import type { SigningKey } from '../keys/signing-key.js';
import type { IssuedToken, TokenPayload } from './claims.js';

/** Members of a token's header. `undefined` removes one. */
export interface TokenHeader {
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
  readonly typ?: string | undefined;
  readonly [member: string]: unknown;
}

/** Makes the header of a token, as Entra does. In version 1 tokens `x5t` repeats the key's ID. */
export function headerOf(key: SigningKey, payload: TokenPayload): TokenHeader {
  const kid = payload.tid === consumersTenantId ? consumersKid(key) : key.kid;
  return payload.ver === '1.0'
    ? { typ: 'JWT', alg: 'RS256', x5t: kid, kid }
    : { typ: 'JWT', alg: 'RS256', kid };
}

export function signToken(payload: TokenPayload, header: TokenHeader, key: SigningKey): IssuedToken {
  const signed = `${encode(header)}.${encode(payload)}`;
  return issued(`${signed}.${signatureOf(signed, header.alg, key).toString('base64url')}`, payload);
}

export function issued(token: string, payload: TokenPayload): IssuedToken {
  const claims = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
  return { token, headers: { authorization: `Bearer ${token}` }, claims };
}

/** Encodes a value as JSON in base64url. Members that are `undefined` are left out. */
export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * Signs with the algorithm in the header. For `HS256` the public key is the shared secret, as an attacker would use it.
 * For an algorithm that RSA keys do not support the signature is RS256.
 */
function signatureOf(signed: string, alg: string | undefined, key: SigningKey): Buffer {
  const data = Buffer.from(signed);
  if (alg === 'none') return Buffer.alloc(0);
  if (alg === 'HS256') {
    const secret = key.publicKey.export({ type: 'spki', format: 'pem' });
    return createHmac('sha256', secret).update(data).digest();
  }
  const digest =
    alg === 'RS384' || alg === 'PS384' ? 'sha384' : alg === 'RS512' || alg === 'PS512' ? 'sha512' : 'sha256';
  if (alg?.startsWith('PS') !== true) return sign(digest, data, key.privateKey);
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return sign(digest, data, { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}
