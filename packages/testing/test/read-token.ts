import { createPublicKey, verify } from 'node:crypto';

type Claims = Readonly<Record<string, unknown>>;

interface Jwk {
  readonly kty: string;
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly issuer?: string;
  readonly [member: string]: unknown;
}

function part(token: string, index: number): Claims {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Claims;
}

export const headerOf = (token: string) => part(token, 0);
export const claimsOf = (token: string) => part(token, 1);
/** Returns the names of the claims or members as a set. */
export const namesOf = (object: object) => new Set(Object.keys(object));

/** Reads the published keys, as any client of the authority does. */
export async function keysOf(fetchOf: typeof fetch, url: string): Promise<readonly [Jwk, ...Jwk[]]> {
  const document = (await (await fetchOf(url)).json()) as { keys: readonly [Jwk, ...Jwk[]] };
  return document.keys;
}

/** Verifies a token with the published keys alone, with Node's crypto. */
export function isSignedByOneOf(keys: readonly Jwk[], token: string): boolean {
  const [header, payload, signature = ''] = token.split('.');
  const jwk = keys.find(({ kid }) => kid === headerOf(token).kid);
  if (jwk === undefined) return false;
  const key = createPublicKey({ key: { kty: jwk.kty, n: jwk.n, e: jwk.e }, format: 'jwk' });
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

export const production = 'https://login.microsoftonline.com';
