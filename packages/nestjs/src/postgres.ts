export { AsCaller } from './postgres/as-caller.decorator.js';
export { CallerDatabase } from './postgres/caller-database.js';
export { EntraPostgresModule } from './postgres/entra-postgres.module.js';
export type {
  EntraPostgresAsyncOptions,
  EntraPostgresModuleOptions,
  EntraPostgresOptions,
} from './postgres/entra-postgres.options.js';
