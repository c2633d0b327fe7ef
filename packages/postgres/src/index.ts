export { type CallerSettings, CLAIMS_SETTING, callerSettings } from './caller/caller-settings.js';
export { assertRowSecurity, type RowSecurityOptions } from './row-security/assert-row-security.js';
export { asCaller, callerTransaction } from './transaction/as-caller.js';
export type { KnexDatabase, TypeOrmDatabase } from './transaction/library-database.js';
export type { PgClient, PgPool } from './transaction/pg-pool.js';
export { RolledBackError } from './transaction/rolled-back-error.js';
export type { CallerTransactionOptions } from './transaction/transaction-options.js';
