import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../bounded-map.js';
import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';
import type { CodeChallenge } from './pkce.js';

/** What a sign-in granted, for the client to redeem. */
export interface Grant {
  readonly clientId: string;
  readonly person: Person;
  readonly tenant: Tenant;
  /** The `scope` parameter of the sign-in. */
  readonly scope: string;
  /** The `claims` parameter: authentication contexts and client capabilities. */
  readonly claims: string | undefined;
  /** When the user signed in. Milliseconds since the epoch. */
  readonly signedInAt: number;
  /** `auth_time` of its ID tokens, seconds since the epoch. Default: they have none, because the client did not ask. */
  readonly authTime?: number | undefined;
  /** What came of one sign-in: it ends as a whole. */
  readonly signIn: SignIn;
}

/** One sign-in. Its refresh tokens, rotated ones included, end with it, and so does what userinfo and Graph accept. */
export interface SignIn {
  ended: boolean;
  /** Authentication contexts that it reached. Default: all that are asked for, because no page asked for more. */
  readonly contexts?: ReadonlySet<string> | undefined;
}

/** A grant with an authorization code. */
export interface CodeGrant extends Grant {
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** A code can be used once. */
  redeemed: boolean;
}

const codeLifetime = 10 * 60_000;

/** Refresh tokens last for 90 days after each use. A single-page application's end 24 hours after the sign-in. */
const refreshTokenLifetime = 90 * 86_400_000;
const refreshTokenLifetimeOfSpa = 86_400_000;

interface StoredRefreshToken {
  readonly grant: Grant;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Limits, because a local Entra may run for weeks on a port and any page can start a sign-in. */
const maxCodes = 1000;
const maxRefreshTokens = 5000;
const maxIssued = 20_000;

/** Authorization codes and refresh tokens of one local Entra. New ones evict those that were used least recently. */
export class Sessions {
  readonly #codes = new BoundedMap<string, CodeGrant>(maxCodes);
  /** IDs of client assertions. */
  readonly #used = new BoundedMap<string, true>(maxRefreshTokens);
  readonly #refreshTokens = new BoundedMap<string, StoredRefreshToken>(maxRefreshTokens);
  readonly #issued = new BoundedMap<unknown, Pick<Grant, 'signIn' | 'signedInAt'>>(maxIssued);

  /** Notes an ID that may be used once. @returns `false` if it was used before */
  firstUse(id: string): boolean {
    if (this.#used.get(id) === true) return false;
    this.#used.set(id, true);
    return true;
  }

  addCode(grant: Omit<CodeGrant, 'expiresAt' | 'redeemed'>, now: number): string {
    const code = `1.local-code.${randomBytes(32).toString('base64url')}`;
    this.#codes.set(code, { ...grant, expiresAt: now + codeLifetime, redeemed: false });
    return code;
  }

  findCode(code: string): CodeGrant | undefined {
    return this.#codes.get(code);
  }

  /** Adds a refresh token. Earlier ones stay valid, because Entra does not revoke them. */
  addRefreshToken(grant: Grant, now: number, spa: boolean): string {
    const token = `1.local-refresh.${randomBytes(48).toString('base64url')}`;
    const expiresAt = spa ? grant.signedInAt + refreshTokenLifetimeOfSpa : now + refreshTokenLifetime;
    this.#refreshTokens.set(token, { grant, expiresAt });
    return token;
  }

  findRefreshToken(token: string): StoredRefreshToken | undefined {
    return this.#refreshTokens.get(token);
  }

  /** Notes which sign-in an access token came of. @param uti the token's ID */
  addIssued(uti: unknown, { signIn, signedInAt }: Grant): void {
    this.#issued.set(uti, { signIn, signedInAt });
  }

  /** Finds the sign-in that an access token came of, by the token's `uti`. A token that a test minted has none. */
  issued(uti: unknown): Pick<Grant, 'signIn' | 'signedInAt'> | undefined {
    return this.#issued.get(uti);
  }
}
