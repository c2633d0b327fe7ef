import { LocalEntraError } from '../error.js';
import type { Changes } from './changes.js';
import type { Person } from './people.js';

/** What an administrator has done to an account. */
export interface Account {
  readonly disabled: boolean;
  readonly removed: boolean;
  /** `signInSessionsValidFromDateTime`: sign-ins before it no longer count. Milliseconds since the epoch. */
  readonly sessionsValidFrom: number | undefined;
}

const untouched: Account = { disabled: false, removed: false, sessionsValidFrom: undefined };

/** Sign-ins of a user: refused while the account is disabled or removed, and ended by `revokeSessions`. */
export class Accounts {
  readonly #now: () => number;
  readonly #changes: Changes;
  readonly #changed = new Map<string, Account>();

  constructor(now: () => number, changes: Changes) {
    this.#now = now;
    this.#changes = changes;
  }

  /** Returns what has been done to an account, by the user's object ID. */
  of(oid: string): Account {
    return this.#changed.get(oid) ?? untouched;
  }

  /** @returns a function that enables the account again */
  disable({ oid }: Pick<Person, 'oid'>): () => void {
    return this.#set(oid, 'disabled', true);
  }

  /** @returns a function that disables the account again */
  enable({ oid }: Pick<Person, 'oid'>): () => void {
    return this.#set(oid, 'disabled', false);
  }

  /** @returns a function that restores the account */
  remove({ oid }: Pick<Person, 'oid'>): () => void {
    return this.#set(oid, 'removed', true);
  }

  /** @returns a function that removes the account again */
  restore({ oid }: Pick<Person, 'oid'>): () => void {
    return this.#set(oid, 'removed', false);
  }

  isRemoved({ oid }: Person): boolean {
    return this.#changed.get(oid)?.removed === true;
  }

  /** Ends all sign-ins up to now, as Microsoft Graph's `revokeSignInSessions` does. Can't be undone. */
  revokeSessions({ oid }: Pick<Person, 'oid'>): void {
    this.#change(oid, { sessionsValidFrom: this.#now() });
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

  /** Lists what has been done to accounts, by object ID. */
  changed(): readonly (readonly [string, Account])[] {
    return [...this.#changed];
  }

  /** Puts an account into the state that it had in an earlier run. */
  put(oid: string, account: Account): void {
    this.#changed.set(oid, account);
  }

  /** @returns a function that sets the contrary */
  #set(oid: string, member: 'disabled' | 'removed', value: boolean): () => void {
    this.#change(oid, { [member]: value });
    return () => this.#change(oid, { [member]: !value });
  }

  #change(oid: string, change: Partial<Account>): void {
    this.#changed.set(oid, { ...this.of(oid), ...change });
    this.#changes.note('users', oid);
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
