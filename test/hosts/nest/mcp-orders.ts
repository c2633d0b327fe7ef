import 'reflect-metadata';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Auth,
  type AuthContext,
  allOf,
  approval,
  authOf,
  check,
  type DecisionEvent,
  EntraGuard,
  EntraGuardModule,
  type Grant,
  type LogSink,
  limit,
  memoryApprovals,
  memoryBudgets,
  noAgents,
  OptionalAuth,
  onEvent,
  PermissionError,
  Public,
  Require,
  RequireScopes,
  type Revocations,
  scopes,
  userRoles,
  whenAgent,
} from '@entra-guard/nestjs';
import { EntraApprovalsModule } from '@entra-guard/nestjs/approvals';
import { EntraMcpModule, type EntraMcpModuleOptions, RequireMcp } from '@entra-guard/nestjs/mcp';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import {
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  type Provider,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { type AbstractHttpAdapter, APP_FILTER, APP_INTERCEPTOR, NestFactory, REQUEST } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type McpContext,
  McpController,
  McpHttpControllerFor,
  type McpServerOptions,
  McpStrategy,
  Prompt,
  Resource,
  ResourceTemplate,
  StreamableHttpTransport,
  Tool,
  ToolScopes,
} from '@rekog/mcp-nest';
import { of } from 'rxjs';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Platform } from './platforms.js';

/** An MCP server of MCP-Nest on loopback, in front of which a local Entra signs users in. */
export interface NestOrders {
  readonly entra: LocalEntra;
  readonly url: URL;
  readonly strategy: McpStrategy;
  readonly events: readonly DecisionEvent[];
  readonly app: INestApplication;
}

/** What a test changes. */
export interface NestOrdersOptions {
  readonly options?: Partial<EntraMcpModuleOptions>;
  readonly controllers?: readonly Type[];
  readonly stateful?: boolean;
  readonly server?: Partial<McpServerOptions>;
  readonly prefix?: string;
  /** Whether the application has no prefix, although the resource has. */
  readonly unprefixed?: boolean;
  readonly providers?: readonly Provider[];
  /** Whether Nest parses bodies. Default `true`. */
  readonly bodyParser?: boolean;
  /** The origin that the application lets read its answers. */
  readonly cors?: string;
  readonly guard?: {
    readonly applicationIdUri?: string;
    readonly guard?: typeof EntraGuard;
    readonly revocations?: Revocations;
    readonly defaultRequirement?: Grant;
  };
  readonly log?: LogSink;
  /** Before the application starts. */
  readonly prepare?: (strategy: McpStrategy) => void;
  readonly withoutEndpoint?: boolean;
  /** A guard in front of the controller of the transport, behind the one of the application. */
  readonly endpointGuard?: Type<EntraGuard>;
  /** What is imported for the server. Default `EntraMcpModule.forRoot(options)`. */
  readonly modules?: (options: EntraMcpModuleOptions) => readonly DynamicModule[];
}

const said = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

@McpController()
export class OrderTools {
  @Tool({ name: 'orders.list', description: 'Lists orders.' })
  @RequireScopes('Orders.Read')
  list(@Auth() auth: AuthContext, @Ctx() context: McpContext) {
    const raw = context.getRawRequest<object>();
    const ofRequest = raw === undefined ? undefined : authOf(raw);
    return said(`all for ${auth.objectId}, by a request of ${ofRequest?.objectId}`);
  }

  @Tool({
    name: 'orders.create',
    description: 'Creates an order.',
    parameters: z.object({ id: z.string() }).partial(),
  })
  @RequireScopes('Orders.Write')
  create() {
    return said('created');
  }

  @Tool({ name: 'orders.purge', description: 'Purges orders.' })
  @Require(allOf(scopes('Orders.Read'), userRoles('Orders.Admin')))
  purge() {
    return said('purged');
  }

  @Tool({ name: 'orders.ship', description: 'Ships an order.' })
  @Require(allOf(scopes('Orders.Read'), noAgents({ unknown: 'allow' })))
  ship() {
    return said('shipped');
  }

  @Tool({ name: 'orders.pay', description: 'Pays.', parameters: z.object({ amount: z.number() }) })
  @Require(allOf(scopes('Orders.Read'), whenAgent(approval('orders.pay'), { unknown: 'human' })))
  pay(@Payload() { amount }: { readonly amount: number }) {
    return said(`paid ${amount}`);
  }

  @Tool({ name: 'orders.count', description: 'Counts.' })
  @Require(allOf(scopes('Orders.Read'), limit({ calls: 1, per: '1h' })))
  count() {
    return said('1');
  }

  @Prompt({ name: 'orders.summary', description: 'Sums up.' })
  @Require(allOf(scopes('Orders.Read'), userRoles('Orders.Admin')))
  summary() {
    return { messages: [] };
  }

  @Resource({ uri: 'orders://all/index', name: 'index' })
  @RequireScopes('Orders.Read')
  index() {
    return { contents: [{ uri: 'orders://all/index', text: 'index' }] };
  }

  @ResourceTemplate({ uriTemplate: 'secrets://{id}', name: 'secret' })
  @Require(allOf(scopes('Orders.Read'), userRoles('Orders.Admin')))
  secret() {
    return { contents: [{ uri: 'secrets://x', text: 'secret' }] };
  }
}

@McpController()
export class OpenTools {
  @Tool({ name: 'help', description: 'Helps.' })
  @Public()
  help(@Ctx() context: McpContext, @Auth({ optional: true }) auth?: AuthContext) {
    const raw = context.getRawRequest<object>();
    return said(`help for ${auth?.objectId ?? (raw && authOf(raw))?.objectId}`);
  }
}

/** Starts the server; rejects where it does not start. */
export async function startNestOrders(
  platform: Platform,
  given: NestOrdersOptions = {},
): Promise<NestOrders> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://localhost:${port}${given.prefix ? `/${given.prefix}` : ''}/mcp`);
  const entra = await startEntra({
    port: 0,
    apps: {
      orders: {
        scopes: ['Orders.Read', 'Orders.Write', 'Approvals.Decide'],
        appRoles: { 'Orders.Admin': ['User'] },
        applicationIdUri: url.href,
      },
      editor: { platform: 'public' },
    },
  });
  onTestFinished(() => entra.close());
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));

  const transport = new StreamableHttpTransport({ statefulMode: given.stateful === true });
  const strategy = new McpStrategy({
    name: 'orders',
    version: '1.0.0',
    transports: [transport],
    ...given.server,
  });
  given.prepare?.(strategy);

  @Controller('mcp')
  @RequireMcp()
  class McpHttp extends McpHttpControllerFor(transport) {}
  if (given.endpointGuard) UseGuards(given.endpointGuard)(McpHttp);

  @Module({
    imports: [
      EntraGuardModule.forRoot({
        ...entra.options('orders'),
        log: given.log ?? false,
        approvals: memoryApprovals({ now: entra.now }),
        budgets: memoryBudgets({ now: entra.now }),
        ...given.guard,
      }),
      ...(given.modules ?? ((options) => [EntraMcpModule.forRoot(options)]))({
        strategy,
        resource: url.href,
        initialScopes: ['Orders.Read'],
        ...given.options,
      }),
      EntraApprovalsModule.forRoot({ origin: url.origin, allow: scopes('Approvals.Decide') }),
    ],
    controllers: [...(given.withoutEndpoint ? [] : [McpHttp]), ...(given.controllers ?? [OrderTools])],
    providers: [...(given.providers ?? [])],
  })
  class AppModule {}

  const answering = (handler: RequestListener) => server.on('request', handler);
  const adapter = (platform === 'express'
    ? new ExpressAdapter()
    : new FastifyAdapter({
        serverFactory: (handler: unknown) => answering(handler as RequestListener),
      })) as unknown as AbstractHttpAdapter;
  const app = await NestFactory.create(AppModule, adapter, {
    logger: false,
    abortOnError: false,
    bodyParser: given.bodyParser ?? true,
  });
  onTestFinished(() => app.close());
  if (given.cors) app.enableCors({ origin: given.cors });
  if (given.prefix && !given.unprefixed) app.setGlobalPrefix(given.prefix);
  strategy.setHttpAdapter(app.getHttpAdapter() as never);
  app.connectMicroservice({ strategy } as never);
  await app.startAllMicroservices();
  await app.init();
  if (platform === 'express') answering(app.getHttpAdapter().getInstance() as RequestListener);
  else await (app.getHttpAdapter().getInstance() as { ready(): Promise<unknown> }).ready();
  return { entra, url, strategy, events, app };
}

@Catch()
class TeapotFilter implements ExceptionFilter {
  catch() {
    return { teapot: true };
  }
}

@Injectable()
class ReplacingInterceptor implements NestInterceptor {
  intercept() {
    return of({ replaced: true });
  }
}

/** Opening hours, as a provider that checks ask. */
@Injectable()
class Hours {
  isOpen(request: { readonly headers: Readonly<Record<string, unknown>> }): boolean {
    return request.headers['x-open'] === 'yes';
  }
}

@McpController()
class Confusable {
  @ResourceTemplate({ uriTemplate: 'secrets://{id}', name: 'secret' })
  @Require(allOf(scopes('Orders.Read'), userRoles('Orders.Admin')))
  secret() {
    return { contents: [{ uri: 'secrets://1', text: 'secret' }] };
  }

  @ResourceTemplate({ uriTemplate: 'notes://{id}', name: 'note' })
  @RequireScopes('Orders.Read')
  note() {
    return { contents: [{ uri: 'notes://1', text: 'note' }] };
  }
}

@McpController()
class Checked {
  @Tool({ name: 'checked', description: 'Checked.' })
  @Require(
    allOf(
      scopes('Orders.Read'),
      check('open', async ({ request, resolve }) =>
        ((await resolve(Hours)) as Hours).isOpen(request as Parameters<Hours['isOpen']>[0]),
      ),
    ),
  )
  checked() {
    return said('checked');
  }
}

@McpController({ scope: Scope.REQUEST })
class OfEachRequest {
  constructor(@Inject(REQUEST) private readonly request: unknown) {}

  @Tool({ name: 'mine', description: 'Of each request.' })
  @RequireScopes('Orders.Read')
  mine(@Auth() auth: AuthContext) {
    return said(`${auth.objectId} ${typeof this.request}`);
  }
}

/** Refuses one handler on top of what is required. */
@Injectable()
class Closed extends EntraGuard {
  protected override async decide(...asked: Parameters<EntraGuard['decide']>) {
    const [, , { handler }] = asked;
    if (handler === 'OrderTools.list')
      throw new PermissionError({ code: 'check_refused', message: 'Closed.', hint: '' });
    return super.decide(...asked);
  }
}

/** Decides as the guard of the application does. */
@Injectable()
class Second extends EntraGuard {}

@McpController()
class Undecorated {
  @Tool({ name: 'open', description: 'Nothing is declared.' }) open() {
    return said('open');
  }
}

@RequireMcp()
@McpController()
class Misplaced {
  @Tool({ name: 'misplaced', description: 'For every caller.' }) misplaced() {
    return said('misplaced');
  }
}

@McpController()
class ByScopes {
  @Tool({ name: 'other', description: 'By another rule.' })
  @RequireScopes('Orders.Read')
  @ToolScopes(['Orders.Read'])
  other() {
    return said('other');
  }
}

@McpController()
class Optional {
  @Tool({ name: 'optional', description: 'With or without.' }) @OptionalAuth() optional() {
    return said('optional');
  }
}

@McpController()
class Twice {
  @Tool({ name: 'orders.list', description: 'Again.' }) @RequireScopes('Orders.Read') again() {
    return said('again');
  }
}

/** What is not as in most applications. */
export const odd = {
  providers: [
    { provide: APP_FILTER, useClass: TeapotFilter },
    { provide: APP_INTERCEPTOR, useClass: ReplacingInterceptor },
  ] as readonly Provider[],
  Transport: StreamableHttpTransport,
  strategy: () => new McpStrategy({ name: 'orders', version: '1.0.0', transports: [] }),
  read: scopes('Orders.Read'),
  Hours,
  Confusable,
  Checked,
  OfEachRequest,
  Closed,
  Second,
  Undecorated,
  ByScopes,
  Misplaced,
  Optional,
  Twice,
};
