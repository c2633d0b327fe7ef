import type { Guard } from '@entra-guard/core';
import type { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { applicationConfig } from './application-config.js';
import { guardedByAttached } from './attached-guards.js';
import type { BootFacts } from './boot-check.js';
import type { ContextRegistry } from './contexts/context-registry.js';
import { connectionRemedy, coverage, type ShownCoverage } from './coverage.js';
import { EntraGuard } from './entra-guard.guard.js';
import type { ModuleSettings, ResolvedOptions } from './entra-guard.options.js';
import { graphRoots } from './graphql/graph-roots.js';
import { guardedItself, installedByApplication, otherGuards } from './guards-seen.js';
import type { Handler } from './handler-inventory.js';
import type { HandlerRequirements } from './handler-requirements.js';
import { routePlaces } from './route-places.js';

/** Names handlers for people: `OrdersController.list (GET /api/v1/orders)`, with all that the application puts in front. */
function placeNames(modules: ModulesContainer): (handler: Handler) => string {
  const placesOf = routePlaces(applicationConfig(modules), modules);
  return (handler) => {
    if (handler.type !== 'http') return handler.name;
    const places = placesOf(handler).map(({ method, path }) => `${method} ${path}`);
    return `${handler.controller.name}.${handler.method} (${places.join(', ')})`;
  };
}

/** What an application is looked at with, when it boots. */
export interface ApplicationParts {
  readonly guard: Guard;
  readonly options: ResolvedOptions;
  readonly settings: ModuleSettings;
  readonly requirements: HandlerRequirements;
  readonly modules: ModulesContainer;
  readonly contexts: ContextRegistry;
  readonly shown: ShownCoverage;
  readonly adapterHost: HttpAdapterHost;
}

/**
 * Puts together what the check at boot looks at.
 *
 * @param started whether gateways have been connected by now
 */
export function bootFacts(parts: ApplicationParts, started: boolean): BootFacts {
  const { guard, options, settings, requirements, modules, contexts, shown, adapterHost } = parts;
  const installed = settings.installGuard !== false;
  const host = { core: guard, httpAdapter: adapterHost.httpAdapter ?? undefined };
  const guardsAll = installed || installedByApplication(modules);
  const own = settings.guard ?? EntraGuard;
  const mayBeRoot = graphRoots(modules);
  const facts = {
    modules,
    mayBeRoot,
    contexts,
    host,
    shown,
    guardsAll,
    guardedItself: guardedItself(modules, own),
    guardedByAttached: guardedByAttached(modules),
    guardName: own.name,
    started,
  };
  return {
    modules,
    requirements,
    nameOf: placeNames(modules),
    assignments: options.assignments,
    log: options.log,
    installed,
    mayBeRoot,
    uncovered: settings.uncovered ?? 'refuse',
    remedyFor: coverage(facts),
    otherGuards: otherGuards(modules),
    connectionRemedy: connectionRemedy(facts),
  };
}
