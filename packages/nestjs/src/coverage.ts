import type { ModulesContainer } from '@nestjs/core';
import { Boot } from './boot.js';
import type { ContextHost } from './contexts/context-adapter.js';
import { type ContextRegistry, registrationOf } from './contexts/context-registry.js';
import type { Handler } from './handler-inventory.js';
import { TYPE_RESOLVER } from './handler-metadata.js';

/** What the application showed about itself from outside, with `assertCovered(app)`. */
export interface ShownCoverage {
  /** Whether every microservice that is connected to the application by now runs its global guards. */
  microservicesInherit: () => boolean;
  /** What `guardConnections` gave stands in front of the connections of gateways: it was made, and Nest uses it. */
  connectionsGuarded: 'no' | 'made' | 'used';
  /** Whether the application has been found to be covered. */
  readonly boot: Boot;
}

/** Before anything was shown. */
export function nothingShown(): ShownCoverage {
  return { microservicesInherit: () => false, connectionsGuarded: 'no', boot: new Boot() };
}

/** What is looked at to tell whether a guard runs before a handler. */
export interface CoverageFacts {
  readonly modules: ModulesContainer;
  readonly contexts: ContextRegistry;
  readonly host: ContextHost;
  readonly shown: ShownCoverage;
  /** An `EntraGuard` is installed for the whole application. */
  readonly guardsAll: boolean;
  /** The application's guard was put on the handler or its class. */
  readonly guardedItself: (handler: Handler) => boolean;
  /** Whether a caller may begin with a nested handler of GraphQL. */
  readonly mayBeRoot: (handler: Handler) => boolean;
  /** The guard that decorators attach stands there, and judges handlers of this kind. */
  readonly guardedByAttached: (handler: Handler, declares: boolean) => boolean;
  /** The name of that guard's class. */
  readonly guardName: string;
  /** Whether gateways have been connected by now. */
  readonly started: boolean;
}

/** Nest's own token of the options of each GraphQL module. */
const GRAPHQL_OPTIONS = 'GqlModuleOptions';

/**
 * Gives the one line that would cover a handler; `undefined` for one that is covered.
 *
 * `declares` says whether anything is declared for the handler.
 */
export function coverage(facts: CoverageFacts): (handler: Handler, declares: boolean) => string | undefined {
  const { contexts, host, shown, guardsAll, guardedItself, guardedByAttached } = facts;
  const { install, onGateway, inherit } = remedies(facts.guardName);
  const fieldsAreGuarded = guardsRunOnFields(facts.modules);

  return (handler, declares) => {
    const itself = guardedItself(handler) || guardedByAttached(handler, declares);
    if (handler.type === 'http') return itself || guardsAll ? undefined : install;
    const adapter = contexts.get(handler.type);
    if (adapter === undefined) return registrationOf(handler.type);
    if (handler.nested && !fieldsAreGuarded) return facts.mayBeRoot(handler) ? RUN_ON_ROOTS : RUN_ON_FIELDS;
    if (handler.method === TYPE_RESOLVER && handler.type === 'graphql') return RENAME;
    if (itself) return undefined;
    if (!guardsAll) return install;
    const runs = adapter.runsGlobalGuards === undefined ? true : adapter.runsGlobalGuards();
    if (runs === true) return undefined;
    if (handler.type === 'ws') return onGateway;
    // Only an application with HTTP can have microservices that do not share its guards.
    if (runs === undefined && (host.httpAdapter === undefined || shown.microservicesInherit()))
      return undefined;
    return handler.type === 'rpc' ? inherit : install;
  };
}

/** Gives the one line that would guard the connections of gateways; `undefined` where they are guarded. */
export function connectionRemedy({ contexts, shown, started }: CoverageFacts): string | undefined {
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

/** The remedies that name the guard: the application's own, where it has one. */
function remedies(guard: string): Readonly<Record<'install' | 'onGateway' | 'inherit', string>> {
  return {
    install: `Leave installGuard at true, provide APP_GUARD with ${guard}, add @UseGuards(${guard}), or declare who may call: a decorator such as @RequireScopes('…') puts the guard there, and @Public() says that it is open on purpose. The option uncovered: 'warn' starts all the same.`,
    onGateway: `Put @UseGuards(${guard}) on the gateway: this version of @nestjs/websockets does not run global guards there. It has to be a singleton.`,
    inherit: `Connect with app.connectMicroservice(options, { inheritAppConfig: true }) and call assertCovered(app) after it, or put @UseGuards(${guard}) on the controller.`,
  };
}

const RUN_ON_FIELDS =
  "Give GraphQLModule.forRoot fieldResolverEnhancers: ['guards'], or declare @Public() on the field where the guard of its parent is enough.";
const RUN_ON_ROOTS =
  "A caller reaches it without a parent, through _entities or as a field of the root, and its guard does not run. Give GraphQLModule.forRoot fieldResolverEnhancers: ['guards'] and declare what it requires, or declare @Public() on it to open it on purpose.";
const RENAME = 'Rename the method: NestJS never runs guards for one of this name.';
const GUARD_CONNECTIONS =
  "Before it starts, call app.useWebSocketAdapter(guardConnections(app, new IoAdapter(app))), imported from '@entra-guard/nestjs/websockets': else everybody may connect, and is sent what the gateway pushes.";
