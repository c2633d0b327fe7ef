/** Marks errors of all copies of the package. */
const MARK: unique symbol = Symbol.for('entra-guard/postgres/RolledBackError') as never;

/**
 * The transaction did not end as the function that ran in it has said: nothing was kept. Recognise it with `RolledBackError.is(error)`:
 * a process may load an ESM and a CommonJS copy of the package.
 */
export class RolledBackError extends Error {
  override readonly name = 'RolledBackError';
  /** What to change, and where. */
  readonly hint: string;

  /** @internal */
  constructor(message: string, hint: string, cause: unknown) {
    super(message, { cause });
    this.hint = hint;
  }

  /** Tells whether `value` is such an error, from any copy of the package. */
  static is(value: unknown): value is RolledBackError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[MARK] === true;
  }
}

Object.defineProperty(RolledBackError.prototype, MARK, { value: true });

/** Says what an error means that PostgreSQL gave at the end of a transaction. */
export function endingError(error: unknown): unknown {
  const code =
    typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  // PostgreSQL, appendix A: in_failed_sql_transaction.
  if (code === '25P02') {
    return new RolledBackError(
      'The transaction was rolled back: a statement in it failed, and its error was swallowed.',
      'Let the error reach asCaller, or put the statement that may fail behind a savepoint. The log of PostgreSQL has the statement.',
      error,
    );
  }
  // division_by_zero: of the statement that confirms the caller.
  if (code === '22012') {
    return new RolledBackError(
      'The transaction is not the one that was begun for this caller: a statement has ended it, or has set entra.claims.',
      'Leave the beginning and the end of the transaction, and the setting, to asCaller.',
      error,
    );
  }
  return error;
}
