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
}

/** A grant with an authorization code. */
export interface CodeGrant extends Grant {
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const codeLifetime = 10 * 60_000;

/** Limits, because a local Entra may run for weeks on a port and any page can start a sign-in. */
const maxCodes = 1000;
const maxRefreshTokens = 5000;

/** Authorization codes and refresh tokens of one local Entra. New ones evict those that were used least recently. */
export class Sessions {
  readonly #codes = new BoundedMap<string, CodeGrant | 'redeemed'>(maxCodes);
  readonly #refreshTokens = new BoundedMap<string, Grant>(maxRefreshTokens);

  addCode(grant: Omit<CodeGrant, 'expiresAt'>, now: number): string {
    const code = `1.local-code.${randomBytes(32).toString('base64url')}`;
    this.#codes.set(code, { ...grant, expiresAt: now + codeLifetime });
    return code;
  }

  findCode(code: string): CodeGrant | 'redeemed' | undefined {
    return this.#codes.get(code);
  }

  /** Marks a code as redeemed: it can be used once. */
  redeem(code: string): void {
    this.#codes.set(code, 'redeemed');
  }

  /** Adds a refresh token. Earlier ones stay valid, because Entra does not revoke them. */
  addRefreshToken(grant: Grant): string {
    const token = `1.local-refresh.${randomBytes(48).toString('base64url')}`;
    this.#refreshTokens.set(token, grant);
    return token;
  }

  findRefreshToken(token: string): Grant | undefined {
    return this.#refreshTokens.get(token);
  }
}
