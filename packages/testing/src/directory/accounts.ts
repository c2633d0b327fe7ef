import { LocalEntraError } from '../error.js';
import type { Person } from './people.js';

/** What an administrator has done to an account. */
interface Account {
  disabled: boolean;
  removed: boolean;
  /** `signInSessionsValidFromDateTime`: sign-ins before it no longer count. Milliseconds since the epoch. */
  sessionsValidFrom: number | undefined;
}

/** Sign-ins of a user: refused while the account is disabled or removed, and ended by `revokeSessions`. */
export class Accounts {
  readonly #now: () => number;
  readonly #changed = new Map<string, Account>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns a function that enables the account again */
  disable({ oid }: Person): () => void {
    this.#of(oid).disabled = true;
    return () => this.#enable(oid);
  }

  enable({ oid }: Person): () => void {
    this.#enable(oid);
    return () => {
      this.#of(oid).disabled = true;
    };
  }

  /** @returns a function that restores the account */
  remove({ oid }: Person): () => void {
    this.#of(oid).removed = true;
    return () => {
      this.#of(oid).removed = false;
    };
  }

  /** Ends all sign-ins up to now, as Microsoft Graph's `revokeSignInSessions` does. Can't be undone. */
  revokeSessions({ oid }: Person): void {
    this.#of(oid).sessionsValidFrom = this.#now();
  }

  /**
   * Refuses a user who may not sign in, or no longer by this sign-in.
   *
   * @param signedInAt milliseconds since the epoch; `undefined` for a sign-in that begins now
   * @throws {LocalEntraError} `sign_in_refused`: AADSTS50034, 50057 or 50173
   */
  assertMaySignIn({ oid, upn }: Person, signedInAt?: number): void {
    const account = this.#changed.get(oid);
    if (account === undefined) return;
    if (account.removed) {
      throw new LocalEntraError(
        'sign_in_refused',
        `The user account ${upn} does not exist in the directory. It was removed with entra.remove(...).`,
        50034,
      );
    }
    if (account.disabled) {
      throw new LocalEntraError('sign_in_refused', `The user account ${upn} is disabled.`, 50057);
    }
    const { sessionsValidFrom } = account;
    if (signedInAt !== undefined && sessionsValidFrom !== undefined && signedInAt <= sessionsValidFrom) {
      throw new LocalEntraError(
        'sign_in_refused',
        `The grant was issued on ${iso(signedInAt)}, and sign-ins of ${upn} count only after ${iso(sessionsValidFrom)} (TokensValidFrom). The user has to sign in again.`,
        50173,
      );
    }
  }

  #enable(oid: string): void {
    this.#of(oid).disabled = false;
  }

  #of(oid: string): Account {
    const known = this.#changed.get(oid);
    if (known !== undefined) return known;
    const account: Account = { disabled: false, removed: false, sessionsValidFrom: undefined };
    this.#changed.set(oid, account);
    return account;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
