import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../bounded-map.js';
import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';
import type { CodeChallenge } from './pkce.js';

/** What a sign-in left behind for the client to redeem. */
export interface Grant {
  readonly clientId: string;
  readonly person: Person;
  readonly tenant: Tenant;
  /** What the sign-in asked for. */
  readonly scope: string;
  /** Contexts and capabilities that the client asked for, as the `claims` parameter holds them. */
  readonly claims: string | undefined;
}

/** A grant behind an authorization code. */
export interface CodeGrant extends Grant {
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const codeLifetime = 10 * 60_000;

/** A local Entra may run for weeks on a port, and any page can start a sign-in: what they leave behind is bounded. */
const maxCodes = 1000;
const maxRefreshTokens = 5000;

/** Authorization codes and refresh tokens of one local Entra; those that were used least recently leave first. */
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

  /** A code is good once. */
  redeem(code: string): void {
    this.#codes.set(code, 'redeemed');
  }

  /** Each use gives a new one; earlier ones stay good, as Entra does not revoke them. */
  addRefreshToken(grant: Grant): string {
    const token = `1.local-refresh.${randomBytes(48).toString('base64url')}`;
    this.#refreshTokens.set(token, grant);
    return token;
  }

  findRefreshToken(token: string): Grant | undefined {
    return this.#refreshTokens.get(token);
  }
}
