import type { Guard } from '@entra-guard/core';
import { guardAccessOf } from '@entra-guard/core/mcp';
import type { ModulesContainer } from '@nestjs/core';
import { applicationConfig } from '../handlers/application-config.js';
import type { Handler } from '../handlers/handler-inventory.js';
import { isMcpEndpoint } from '../handlers/mcp-offers.js';
import { routePlaces } from '../handlers/route-places.js';

/** The paths at which controllers with `@RequireMcp()` take messages of clients. */
export function endpointPaths(handlers: readonly Handler[], modules: ModulesContainer): readonly string[] {
  const placesOf = routePlaces(applicationConfig(modules), modules);
  return handlers
    .filter(({ type, controller }) => type === 'http' && isMcpEndpoint(controller))
    .flatMap((handler) => placesOf(handler))
    .flatMap(({ method, path }) => (method === 'POST' ? [path] : []));
}

/** Warns of a resource at another path than its controller: only a proxy in front that changes paths makes them one. */
export function warnOfPath(core: Guard, paths: readonly string[], resource: string): void {
  const { log } = guardAccessOf(core);
  const { pathname } = new URL(resource);
  if (log === false || paths.includes(pathname)) return;
  log({
    level: 'warn',
    event: 'configuration',
    message: `resource is '${resource}', and the controller with @RequireMcp() is at ${paths.join(', ')}.`,
    hint: 'Make the paths equal: clients send their requests to the resource. A global prefix counts.',
  });
}
