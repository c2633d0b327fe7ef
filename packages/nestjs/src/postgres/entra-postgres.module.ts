import { ConfigurationError } from '@entra-guard/core';
import { assertRowSecurity } from '@entra-guard/postgres';
import { type DynamicModule, Inject, Module, type OnModuleInit, Optional } from '@nestjs/common';
import { POSTGRES_OPTIONS } from '../entra-guard.tokens.js';
import { CallerDatabase } from './caller-database.js';
import {
  asyncPartsOf,
  type EntraPostgresAsyncOptions,
  type EntraPostgresModuleOptions,
  type EntraPostgresOptions,
  madeOptions,
  type PostgresParts,
  partsOf,
} from './entra-postgres.options.js';

/**
 * Lets PostgreSQL know who calls: `@AsCaller()` on handlers and controllers, `CallerDatabase` in classes.
 *
 * ```ts
 * @Module({
 *   imports: [
 *     EntraGuardModule.forRoot({ tenantId, clientId }),
 *     EntraPostgresModule.forRoot({ database: new Pool(), tables: ['orders'] }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * The application does not start where row level security does not hold for `tables`.
 */
@Module({})
export class EntraPostgresModule implements OnModuleInit {
  constructor(
    @Optional() @Inject(POSTGRES_OPTIONS) private readonly options: EntraPostgresOptions | undefined,
  ) {
    if (options !== undefined) return;
    throw new ConfigurationError(
      'EntraPostgresModule was imported without options.',
      'Write EntraPostgresModule.forRoot({ database, tables }) in the imports of the root module.',
    );
  }

  /**
   * Takes options that are known when the module is declared.
   *
   * @throws ConfigurationError for what is not options
   */
  static forRoot(options: EntraPostgresModuleOptions): DynamicModule {
    return assemble(partsOf(options));
  }

  /**
   * Takes options that are injected or awaited.
   *
   * @throws ConfigurationError for what is not options, and without a factory
   */
  static forRootAsync(options: EntraPostgresAsyncOptions): DynamicModule {
    return assemble(asyncPartsOf(options));
  }

  /** @throws ConfigurationError where row level security does not hold for the option `tables` */
  async onModuleInit(): Promise<void> {
    const { database, tables } = madeOptions(this.options as EntraPostgresOptions);
    if (tables !== undefined) await assertRowSecurity(database as never, { tables });
  }
}

function assemble({ isGlobal, imports, source }: PostgresParts): DynamicModule {
  return {
    module: EntraPostgresModule,
    global: isGlobal,
    imports,
    providers: [source, CallerDatabase],
    exports: [CallerDatabase],
  };
}
