import { type ApprovalRequestOptions, ApprovalRequests } from '@entra-guard/core/approvals';
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
import { APPROVAL_OPTIONS } from '../entra-guard.tokens.js';
import { guardOfApplication } from '../guard-of-application.js';
import { applicationConfig } from '../handlers/application-config.js';
import { approvalMiddleware } from './approval-middleware.js';
import {
  APPROVAL_SOURCE,
  type EntraApprovalsAsyncOptions,
  givenApprovalOptions,
} from './entra-approvals.options.js';

/**
 * Lets people approve what agents ask for: `GET /approvals/{id}`, `POST /approvals/{id}/approve` and `POST /approvals/{id}/deny`,
 * behind the global prefix. Callers are users who are known to be without an agent, by a bearer token; no cookie counts. A request
 * for an approval is shown to those who may approve it, and others get a 404. Reads no body.
 *
 * ```ts
 * @Module({
 *   imports: [
 *     EntraGuardModule.forRoot({ tenantId, clientId, approvals: memoryApprovals() }),
 *     EntraApprovalsModule.forRoot({ origin: 'https://orders.contoso.com', allow: scopes('Approvals.Decide') }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * The application does not start where the guard has no approvals, and with invalid options. Guards, interceptors, pipes and filters
 * of the application do not run for these routes.
 */
@Module({})
export class EntraApprovalsModule implements NestModule {
  #requests: ApprovalRequests | undefined;

  constructor(
    @Optional() @Inject(APPROVAL_OPTIONS) private readonly options: unknown,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /** Takes options that are known when the module is declared. @throws ConfigurationError for what is not an object */
  static forRoot(options: ApprovalRequestOptions): DynamicModule {
    const useValue = givenApprovalOptions(options);
    return { module: EntraApprovalsModule, providers: [{ provide: APPROVAL_OPTIONS, useValue }] };
  }

  /**
   * Takes options that are injected or awaited.
   *
   * @throws ConfigurationError for no source of options, and for several
   */
  static forRootAsync(options: EntraApprovalsAsyncOptions): DynamicModule {
    const { imports, providers } = asyncParts(APPROVAL_SOURCE, options);
    return { module: EntraApprovalsModule, imports, providers };
  }

  /** @throws ConfigurationError for invalid options, and for an application without a guard that has approvals */
  configure(consumer: MiddlewareConsumer): void {
    const settings = 'tenantId, clientId, approvals: memoryApprovals()';
    const guard = guardOfApplication(this.moduleRef, this.modules, EntraApprovalsModule.name, settings);
    const requests = new ApprovalRequests(guard, givenApprovalOptions(this.options));
    this.#requests = requests;
    const prefix = applicationConfig(this.modules).getGlobalPrefix?.() ?? '';
    consumer
      .apply(approvalMiddleware(requests, guard, prefix))
      .forRoutes('approvals/:id', 'approvals/:id/approve', 'approvals/:id/deny');
  }

  /**
   * Returns the address of the page on which a person approves: `{origin}/approvals/{id}`. The page is the application's. Inject the
   * module for it.
   *
   * @throws TypeError before the application is initialized
   */
  approveUrl(id: string): string {
    if (this.#requests === undefined)
      throw new TypeError(
        'EntraApprovalsModule.approveUrl(...) was called before the application was initialized.',
      );
    return this.#requests.approveUrl(id);
  }
}
