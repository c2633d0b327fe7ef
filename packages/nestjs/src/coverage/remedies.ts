import type { ModulesContainer } from '@nestjs/core';
import { registrationOf } from '../contexts/context-registry.js';
import { EntraGuard } from '../entra-guard.guard.js';
import { graphRoots } from '../graphql/graph-roots.js';
import { guardedByAttached } from '../guards/attached-guards.js';
import { guardedItself, installedByApplication } from '../guards/guards-seen.js';
import type { Handler } from '../handlers/handler-inventory.js';
import { TYPE_RESOLVER } from '../handlers/handler-metadata.js';
import { guardedByMcp, mcpOfferOf } from '../handlers/mcp-offers.js';
import { type Application, isInstalled } from './application.js';

/** Nest's own token of the options of each GraphQL module. */
const GRAPHQL_OPTIONS = 'GqlModuleOptions';

/** Tells whether the guard that decorators attach stands in front of a handler and judges it. */
export type StandsAttached = (handler: Handler, declares: boolean) => boolean;

/**
 * Returns a function that gives the one line that would cover a handler, or `undefined` for one that is covered. Its second
 * argument says whether anything is declared for the handler.
 *
 * @param standsAttached default: what the application's modules show
 */
export function remediesIn(
  { modules, settings, contexts, shown, hasHttp }: Application,
  standsAttached: StandsAttached = guardedByAttached(modules),
): (handler: Handler, declares: boolean) => string | undefined {
  const guard = settings.guard ?? EntraGuard;
  const guardsAll = isInstalled(settings) || installedByApplication(modules);
  const standsOnHandler = guardedItself(modules, guard);
  const mayBeRoot = graphRoots(modules);
  const fieldsAreGuarded = guardsRunOnFields(modules);
  const isMcpGuarded = guardedByMcp(modules);
  const { install, onGateway, inherit } = remediesWith(guard.name);

  return (handler, declares) => {
    const offer = mcpOfferOf(handler.callbacks[0]);
    if (offer !== undefined && handler.type === 'rpc') return isMcpGuarded(offer) ? undefined : IMPORT_MCP;
    const stands = standsOnHandler(handler) || standsAttached(handler, declares);
    if (handler.type === 'http') return stands || guardsAll ? undefined : install;
    const adapter = contexts.get(handler.type);
    if (adapter === undefined) return registrationOf(handler.type);
    if (handler.nested && !fieldsAreGuarded) return mayBeRoot(handler) ? RUN_ON_ROOTS : RUN_ON_FIELDS;
    if (handler.method === TYPE_RESOLVER && handler.type === 'graphql') return RENAME;
    if (stands) return undefined;
    if (!guardsAll) return install;
    const runs = adapter.runsGlobalGuards === undefined ? true : adapter.runsGlobalGuards();
    if (runs === true) return undefined;
    if (handler.type === 'ws') return onGateway;
    // Only an application with HTTP can have microservices that do not share its guards.
    if (runs === undefined && (!hasHttp || shown.microservicesInherit())) return undefined;
    return handler.type === 'rpc' ? inherit : install;
  };
}

/** Gives the one line that would guard the connections of gateways; `undefined` where they are guarded. */
export function connectionRemedy({ contexts, shown, started }: Application): string | undefined {
  if (contexts.get('ws') === undefined) return registrationOf('ws');
  const { connectionsGuarded } = shown;
  return connectionsGuarded === 'used' || (connectionsGuarded === 'made' && !started)
    ? undefined
    : GUARD_CONNECTIONS;
}

function guardsRunOnFields(modules: ModulesContainer): boolean {
  const options = [...modules.values()].flatMap((module) => {
    const found: unknown = module.providers.get(GRAPHQL_OPTIONS)?.instance;
    return typeof found === 'object' && found !== null ? [found as { fieldResolverEnhancers?: unknown }] : [];
  });
  return (
    options.length > 0 &&
    options.every(
      ({ fieldResolverEnhancers: list }) => Array.isArray(list) && (list as unknown[]).includes('guards'),
    )
  );
}

/** The remedies that name the guard's class. */
function remediesWith(guard: string): Readonly<Record<'install' | 'onGateway' | 'inherit', string>> {
  return {
    install: `Leave installGuard at true, provide APP_GUARD with ${guard}, add @UseGuards(${guard}), or declare who may call: a decorator such as @RequireScopes('…') puts the guard there, and @Public() says that it is open on purpose. The option uncovered: 'warn' starts without a guard there.`,
    onGateway: `Put @UseGuards(${guard}) on the gateway: this version of @nestjs/websockets does not run global guards there. It has to be a singleton.`,
    inherit: `Connect with app.connectMicroservice(options, { inheritAppConfig: true }) and call assertCovered(app) after it, or put @UseGuards(${guard}) on the controller.`,
  };
}

const RUN_ON_FIELDS =
  "Give GraphQLModule.forRoot fieldResolverEnhancers: ['guards'], or declare @Public() on the field where the guard of its parent is enough.";
const RUN_ON_ROOTS =
  "A caller reaches it without a parent, through _entities or as a field of the root, and its guard does not run. Give GraphQLModule.forRoot fieldResolverEnhancers: ['guards'] and declare what it requires, or declare @Public() on it to open it on purpose.";
const IMPORT_MCP =
  "Import EntraMcpModule.forRoot({ strategy, resource }) of '@entra-guard/nestjs/mcp', with the McpStrategy that offers it, and put @RequireMcp() on the controller of its transport.";
const RENAME = 'Rename the method: NestJS never runs guards for one of this name.';
const GUARD_CONNECTIONS =
  "Before it starts, call app.useWebSocketAdapter(guardConnections(app, new IoAdapter(app))), imported from '@entra-guard/nestjs/websockets'. Without it every client may connect, and receives what the gateway pushes.";
