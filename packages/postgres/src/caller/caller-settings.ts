import type { AuthContext } from '@entra-guard/core';
import { callerClaims } from './caller-claims.js';

/** The setting of PostgreSQL that says who calls, for the time of one transaction. */
export const CLAIMS_SETTING = 'entra.claims';

/** A statement and its parameters, as `pg` takes them. */
export interface CallerSettings {
  /** One statement, with the parameter `$1`. */
  readonly text: string;
  /** The parameters: one text, JSON. */
  readonly values: readonly [string];
}

/**
 * Returns the statement that tells PostgreSQL who calls, until the transaction ends: for libraries that `asCaller` does not know.
 *
 * Run it as the first statement of a transaction, on the connection that the transaction has. Outside a transaction it has no effect.
 * An error that your code swallows in the transaction is not found then, and a nested transaction keeps the caller: use `asCaller`
 * where you can.
 *
 * @param auth the caller that the guard gave, not a copy; `undefined` where no caller is authenticated
 * @throws ConfigurationError for what is not a caller
 * @see PostgreSQL: `set_config(setting_name, new_value, is_local)`
 */
export function callerSettings(auth: AuthContext | undefined): CallerSettings {
  const claims = callerClaims('callerSettings(...)', auth);
  return { text: `select pg_catalog.set_config('${CLAIMS_SETTING}', $1, true)`, values: [claims] };
}
