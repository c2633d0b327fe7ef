import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError, type Guard } from '@entra-guard/core';
import { type EntraMcpOptions, entraMcp } from '@entra-guard/mcp';
import {
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { asyncParts } from '../async-options.js';
import { resolverOf } from '../calls/call-place.js';
import { mcpGateOf, setMcpGate } from '../calls/mcp-gates.js';
import { HANDLER_REQUIREMENTS, MCP_OPTIONS } from '../entra-guard.tokens.js';
import { guardOfApplication } from '../guard-of-application.js';
import { namedHandlers } from '../handlers/handler-names.js';
import type { HandlerRequirements } from '../handlers/handler-requirements.js';
import { assertServable } from './assert-servable.js';
import { endpointPaths, warnOfPath } from './endpoint-paths.js';
import {
  type EntraMcpAsyncOptions,
  type EntraMcpModuleOptions,
  givenMcpOptions,
  MCP_SOURCE,
} from './entra-mcp.options.js';
import { readMcpEntries } from './entries.js';
import { NestMcpGate } from './nest-mcp-gate.js';
import { resolvingGuard } from './resolving-guard.js';
import { hookStrategy, type Offered } from './strategy.js';

/** What is used of Nest's adapter of Express or Fastify. */
interface MiddlewareAdapter {
  use(
    middleware: (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void,
  ): unknown;
}

/**
 * Guards an MCP server of MCP-Nest (`@rekog/mcp-nest` 2) with Microsoft Entra ID: each tool, prompt and resource requires what stands on
 * its handler, as on any other handler; lists hold what their caller may use; clients find out how to sign in; and only the one
 * set-up starts in which Entra and MCP agree.
 *
 * ```ts
 * const transport = new StreamableHttpTransport();
 * export const strategy = new McpStrategy({ name: 'orders', version: '1.0.0', transports: [transport] });
 * const resource = 'https://mcp.contoso.com/mcp';
 *
 * @Controller('mcp') @RequireMcp()
 * class McpHttp extends McpHttpControllerFor(transport) {}
 *
 * @McpController()
 * class OrderTools {
 *   @Tool({ name: 'orders.list', description: 'Lists orders' }) @RequireScopes('Orders.Read')
 *   list(@Auth() auth: AuthContext) {}
 * }
 *
 * @Module({
 *   imports: [
 *     EntraGuardModule.forRoot({ tenantId, clientId, applicationIdUri: resource }),
 *     EntraMcpModule.forRoot({ strategy, resource }),
 *   ],
 *   controllers: [McpHttp, OrderTools],
 * })
 * export class AppModule {}
 * ```
 *
 * The application does not start with a tool, prompt or resource without a requirement, without a controller with `@RequireMcp()`, and
 * with a set-up that Entra or clients would refuse. An application has one of these modules.
 */
@Module({})
export class EntraMcpModule implements NestModule, OnApplicationBootstrap {
  private guard: Guard | undefined;
  private readonly options: EntraMcpModuleOptions;
  private readonly gate: NestMcpGate;
  private readonly offered: () => readonly Offered[];

  /** @throws ConfigurationError for invalid options */
  constructor(
    @Optional() @Inject(MCP_OPTIONS) options: unknown,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    this.options = givenMcpOptions(options);
    this.gate = new NestMcpGate((context) => {
      const request = context.switchToHttp().getRequest<object>();
      const call = { credentials: undefined, request, subjects: [], scope: request };
      return { request, resolve: resolverOf(moduleRef, call) };
    });
    // Before the strategy is connected: what it offers is guarded from its first request on.
    this.offered = hookStrategy(this.options.strategy, this.gate);
  }

  /** Takes options that are known when the module is declared. @throws ConfigurationError for invalid ones */
  static forRoot(options: EntraMcpModuleOptions): DynamicModule {
    const useValue = givenMcpOptions(options);
    return { module: EntraMcpModule, providers: [{ provide: MCP_OPTIONS, useValue }] };
  }

  /**
   * Takes options that are injected or awaited.
   *
   * @throws ConfigurationError for no source of options, and for several
   */
  static forRootAsync(options: EntraMcpAsyncOptions): DynamicModule {
    const { imports, providers } = asyncParts(MCP_SOURCE, options);
    return { module: EntraMcpModule, imports, providers };
  }

  /**
   * Serves the metadata at the root, whatever the global prefix is.
   *
   * @throws ConfigurationError for an application without `EntraGuardModule`, or with two of these modules
   */
  configure(): void {
    const adapter = this.adapterHost.httpAdapter as unknown as MiddlewareAdapter;
    const settings = 'tenantId, clientId, applicationIdUri: resource';
    this.guard = guardOfApplication(this.moduleRef, this.modules, EntraMcpModule.name, settings);
    if (mcpGateOf(this.guard) !== undefined) {
      throw new ConfigurationError(
        'EntraMcpModule was imported twice: an application has one MCP server for each guard.',
        'Serve the other one in an application of its own: its resource is another one, and so are its tokens.',
      );
    }
    setMcpGate(this.guard, this.gate);
    adapter.use((request, response, next) => this.gate.metadata(request, response, next));
  }

  /** @throws ConfigurationError for what is not guarded, and for a set-up that Entra or clients would refuse */
  onApplicationBootstrap(): void {
    const core = this.guard;
    // Without HTTP, as in a command, nothing is served: the strategy offers nothing.
    if (core === undefined) return;
    const { strategy, tools: _tools, prompts: _prompts, resources: _resources, ...settings } = this.options;
    const requirements = this.moduleRef.get<HandlerRequirements>(HANDLER_REQUIREMENTS, { strict: false });
    const handlers = namedHandlers(this.modules);
    const entries = readMcpEntries(handlers, requirements, strategy.transportId, this.options);
    const guard = resolvingGuard(core, (request) => this.gate.placeOf(request));
    const mcp = entraMcp({ ...settings, ...entries, guard } as EntraMcpOptions);
    assertServable({ handlers, entries, strategy, offered: this.offered() });
    warnOfPath(core, endpointPaths(handlers, this.modules), settings.resource);
    this.gate.serve(core, mcp, entries, settings.resource);
  }
}
