import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../bounded-map.js';
import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';
import type { Call, EntraServices } from '../endpoints/call.js';

/** A user who is signed in at a browser. */
export interface Account {
  readonly person: Person;
  readonly tenant: Tenant;
  /** When the user signed in. Milliseconds since the epoch. */
  readonly at: number;
  /** Authentication contexts that the user reached. */
  readonly contexts: Set<string>;
}

/** One browser: who is signed in there, and at which apps. */
export class Browser {
  /** Binds forms to this browser. */
  readonly secret = randomBytes(32);
  /** By tenant and object ID. */
  readonly accounts = new Map<string, Account>();
  /** Client IDs of the apps that users signed in to. */
  readonly apps = new Set<string>();
}

/** Entra: a session ends after 24 hours unless the user chose to stay signed in. */
const sessionLifetime = 86_400_000;
const most = 1000;

/** The browsers that have the cookie of this local Entra. New ones evict those that were used least recently. */
export class Browsers {
  readonly #byCookie = new BoundedMap<string, Browser>(most);

  find(id: string | undefined): Browser | undefined {
    return id === undefined ? undefined : this.#byCookie.get(id);
  }

  /** Gives a browser a new ID, in the place of the one before. */
  renew(browser: Browser, before: string | undefined): string {
    if (before !== undefined) this.#byCookie.delete(before);
    const id = randomBytes(32).toString('base64url');
    this.#byCookie.set(id, browser);
    return id;
  }
}

/** Lists the accounts of a tenant that are still signed in: sign-ins end with `disable`, `remove` and `revokeSessions`. */
export function signedInAccounts(
  { accounts, now }: EntraServices,
  browser: Browser,
  tenant: Tenant,
): readonly Account[] {
  return [...browser.accounts.values()].filter((account) => {
    if (account.tenant.id !== tenant.id || account.at + sessionLifetime <= now()) return false;
    try {
      accounts.assertMaySignIn(account.person, account.at);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Returns the name of the cookie. Browsers share cookies between the ports of a host, so the name has the port.
 */
export function cookieName(origin: string): string {
  return `entra-guard-local-${new URL(origin).port || '443'}`;
}

export function cookieOf({ request, entra }: Call): string | undefined {
  const name = cookieName(entra.authority.origin);
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

/** Makes the cookie. Over TLS it comes along into frames, as Entra's does; browsers allow that for `Secure` ones alone. */
export function cookieHeader(origin: string, id: string): string {
  const where = origin.startsWith('https:') ? 'SameSite=None; Secure' : 'SameSite=Lax';
  return `${cookieName(origin)}=${id}; Path=/; HttpOnly; ${where}`;
}
