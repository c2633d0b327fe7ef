import { constants, type KeyObject, verify } from 'node:crypto';

/** The parts of a JWT. Do not trust them before {@link verifyRsa} returns `true`. */
export interface UnverifiedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: string;
}

export function decodeUnverifiedJwt(token: string): UnverifiedJwt | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0) return undefined;
  const header = jsonObject(head);
  const payload = jsonObject(body);
  if (header === undefined || payload === undefined) return undefined;
  return { header, payload, signed: `${head}.${body}`, signature };
}

/** Whether the key made the signature, with RS256 or PS256. */
export function verifyRsa({ header, signed, signature }: UnverifiedJwt, key: KeyObject): boolean {
  if (header.alg !== 'RS256' && header.alg !== 'PS256') return false;
  const padding = header.alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return verify('sha256', Buffer.from(signed), { key, padding }, Buffer.from(signature, 'base64url'));
}

function jsonObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
