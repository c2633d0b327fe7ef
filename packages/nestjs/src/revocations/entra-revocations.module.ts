import { type RevocationRequestOptions, RevocationRequests } from '@entra-guard/core/revocation';
import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Optional,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { asyncParts } from '../async-options.js';
import { REVOCATION_OPTIONS } from '../entra-guard.tokens.js';
import { guardOfApplication } from '../guard-of-application.js';
import { applicationConfig } from '../handlers/application-config.js';
import {
  type EntraRevocationsAsyncOptions,
  givenRevocationOptions,
  REVOCATION_SOURCE,
} from './entra-revocations.options.js';
import { revocationMiddleware } from './revocation-middleware.js';

/**
 * Lets applications revoke, list and lift: `POST /revocations`, `GET /revocations?user=…&tenantId=…` and
 * `DELETE /revocations/{id}`, behind the global prefix. Callers need application permissions: `Revocations.Revoke.All`,
 * `Revocations.Lift.All`, `Revocations.Read.All`, or `Revocations.Manage.All` for all of it. Each reaches targets of its own
 * tenant; those of `operatorTenants` reach all. Reads its own body, of at most 16 kB, where no parser has. Allows 600 requests a
 * minute and caller.
 *
 * ```ts
 * @Module({ imports: [EntraGuardModule.forRoot({ tenantId, clientId, revocations }), EntraRevocationsModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * The application does not start where the guard has no revocations, and where several tenants are accepted without
 * `operatorTenants`. Guards, interceptors, pipes and filters of the application do not run for these routes.
 */
@Module({})
export class EntraRevocationsModule implements NestModule {
  constructor(
    @Optional() @Inject(REVOCATION_OPTIONS) private readonly options: unknown,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /** Takes options that are known when the module is declared. */
  static forRoot(options: RevocationRequestOptions = {}): DynamicModule {
    const useValue = givenRevocationOptions(options);
    return { module: EntraRevocationsModule, providers: [{ provide: REVOCATION_OPTIONS, useValue }] };
  }

  /**
   * Takes options that are injected or awaited.
   *
   * @throws ConfigurationError for no source of options, and for several
   */
  static forRootAsync(options: EntraRevocationsAsyncOptions): DynamicModule {
    const { imports, providers } = asyncParts(REVOCATION_SOURCE, options);
    return { module: EntraRevocationsModule, imports, providers };
  }

  /** @throws ConfigurationError for invalid options, and for an application without a guard that has revocations */
  configure(consumer: MiddlewareConsumer): void {
    const settings = 'tenantId, clientId, revocations';
    const guard = guardOfApplication(this.moduleRef, this.modules, EntraRevocationsModule.name, settings);
    const requests = new RevocationRequests(guard, givenRevocationOptions(this.options));
    const prefix = applicationConfig(this.modules).getGlobalPrefix?.() ?? '';
    consumer.apply(revocationMiddleware(requests, guard, prefix)).forRoutes('revocations', 'revocations/:id');
  }
}
