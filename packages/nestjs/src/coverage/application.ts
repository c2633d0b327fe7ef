import type { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { ContextRegistry } from '../contexts/context-registry.js';
import type { ModuleSettings, ResolvedOptions } from '../entra-guard.options.js';
import type { HandlerRequirements } from '../handlers/handler-requirements.js';
import type { ShownCoverage } from './shown-coverage.js';

/** An application as the search for handlers without a guard sees it: at boot, while it runs, or in a preview. */
export interface Application {
  readonly modules: ModulesContainer;
  readonly settings: ModuleSettings;
  readonly options: ResolvedOptions;
  readonly requirements: HandlerRequirements;
  readonly contexts: ContextRegistry;
  readonly shown: ShownCoverage;
  /** Whether it serves HTTP; else it is a microservice, or has no transport. */
  readonly hasHttp: boolean;
  /** Whether its gateways are connected by now. */
  readonly started: boolean;
}

/** Whether an application serves HTTP, by what Nest injects: its adapter is `null` where there is none. */
export function hasHttpAdapter({ httpAdapter }: HttpAdapterHost): boolean {
  return (httpAdapter ?? undefined) !== undefined;
}

/** Whether the guard is installed for every handler, not only where `@UseGuards` puts it. */
export function isInstalled({ installGuard }: ModuleSettings): boolean {
  return installGuard !== false;
}
