import { AsyncLocalStorage } from 'node:async_hooks';
import { ConfigurationError } from '@entra-guard/core';

/** A transaction that runs as a caller, and the code that runs in it. */
export class OpenTransaction {
  /** What its statements are sent with: a client, or the transaction of a library. */
  readonly handle: unknown;
  readonly #claims: string;
  readonly #modes: string;
  readonly #database: object;
  readonly #outer: OpenTransaction | undefined;
  #open = true;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param database the pool, or the object of a library, that it was begun with
   * @param outer the transaction of another database in whose code this one was begun
   */
  constructor(database: object, asked: Asked, handle: unknown, outer: OpenTransaction | undefined) {
    this.#database = database;
    this.#claims = asked.claims;
    this.#modes = asked.modes;
    this.handle = handle;
    this.#outer = outer;
  }

  /** Begins its end: from now on no code joins it. */
  close(): void {
    this.#open = false;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** @throws what a nested call rejected with, if one did: its part can't be undone alone */
  assertNoneFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Runs a nested call in this transaction. */
  async join<T>(asked: Asked, fn: (handle: never) => T | Promise<T>): Promise<T> {
    if (asked.modes !== '' && asked.modes !== this.#modes) {
      throw new ConfigurationError(
        `asCaller(...) was called in a transaction of the same caller, and asks for ${asked.modes}.`,
        'Give these options to the outermost call: a transaction has one isolation level.',
      );
    }
    try {
      return await fn(this.handle as never);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  /** The open transaction of this database, of this one and those around it. */
  of(database: object): OpenTransaction | undefined {
    if (this.#open && this.#database === database) return this;
    return this.#outer?.of(database);
  }

  /** @throws ConfigurationError if this one, or one around it, is open and of another caller */
  assertSameCaller(claims: string): void {
    if (this.#open && this.#claims !== claims) {
      throw new ConfigurationError(
        'asCaller(...) was called for one caller in a transaction of another.',
        'End the first transaction before, or run all of it as one caller: what one may see must not reach the other.',
      );
    }
    this.#outer?.assertSameCaller(claims);
  }
}

/** What a call of `asCaller` asks for. */
export interface Asked {
  readonly claims: string;
  /** The modes of the transaction, in the words of `BEGIN`. */
  readonly modes: string;
}

/** The innermost transaction of the code that runs. */
export const openTransactions = new AsyncLocalStorage<OpenTransaction>();

/** Runs a function as the code of a transaction. */
export function runIn<T>(transaction: OpenTransaction, fn: (handle: never) => T | Promise<T>): Promise<T> {
  return openTransactions.run(transaction, async () => fn(transaction.handle as never));
}
