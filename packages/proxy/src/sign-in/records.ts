/** A session, as it is sealed. Times are milliseconds since the epoch. */
export interface SessionRecord {
  readonly v: 1;
  readonly kind: 'session';
  /** The application's name in the policy: a session is for one. */
  readonly app: string;
  readonly createdAt: number;
  readonly usedAt: number;
  /** When it ends because another one has taken its place. */
  readonly endsAt?: number;
  /** When the token of the sign-in was issued (`iat`), in seconds since the epoch. No renewal changes it. */
  readonly issuedAt?: number;
  readonly accessToken: string;
  readonly expiresAt: number;
  /** Absent without the scope `offline_access`. */
  readonly refreshToken?: string;
  /** Which session of Entra it came from (OpenID Connect Front-Channel Logout section 3). */
  readonly sid?: string;
  readonly loginHint?: string;
}

/** A sign-in that has begun, as it is sealed. */
export interface AttemptRecord {
  readonly v: 1;
  readonly kind: 'attempt';
  readonly app: string;
  readonly origin: string;
  readonly startedAt: number;
  /** RFC 7636 section 4.1 */
  readonly verifier: string;
  readonly nonce: string;
  /** The SHA-256 of the cookie of the browser that has begun it. */
  readonly browser: string;
  readonly returnPath: string;
  /** What has to be different afterwards; without it, the same refusal would begin the same sign-in again. */
  readonly asked?: Asked;
}

/** What a sign-in is asked for, beyond a user. */
export type Asked = { readonly kind: 'claims'; readonly claims: string } | { readonly kind: 'fresh' };

/** @returns `undefined` for anything else: it was written by another release */
export function readRecord<Kind extends 'session' | 'attempt'>(
  kind: Kind,
  text: string,
): (Kind extends 'session' ? SessionRecord : AttemptRecord) | undefined {
  const found = JSON.parse(text) as { readonly v?: unknown; readonly kind?: unknown };
  return found.v === 1 && found.kind === kind ? (found as never) : undefined;
}
