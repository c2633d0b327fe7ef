import { CLAIMS_SETTING } from './caller-settings.js';

/**
 * Writes the claims into a statement without parameters, so that it can be sent together with others. As hexadecimal digits: nothing in a
 * claim can end the literal, whatever the settings of the connection are.
 */
function literal(claims: string): string {
  return `pg_catalog.convert_from(pg_catalog.decode('${Buffer.from(claims, 'utf8').toString('hex')}', 'hex'), 'UTF8')`;
}

/** The statement that tells PostgreSQL who calls, until the transaction ends. */
export function tellingCaller(claims: string): string {
  return `select pg_catalog.set_config('${CLAIMS_SETTING}', ${literal(claims)}, true)`;
}

/**
 * The statement that fails where the transaction is not the one that was begun for this caller. In a transaction that was aborted every
 * statement fails (25P02); where a statement has ended it, or has set the setting, this one divides by zero (22012).
 */
export function confirmingCaller(claims: string): string {
  const current = `coalesce(pg_catalog.current_setting('${CLAIMS_SETTING}', true), '')`;
  return `select 1 / (${current} = ${literal(claims)})::int`;
}
