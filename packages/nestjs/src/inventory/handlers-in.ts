import type { ExposedHandler } from '@entra-guard/core';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type ApplicationConfig, applicationConfig } from '../handlers/application-config.js';
import { handlersOf } from '../handlers/handler-inventory.js';
import { routePlaces } from '../handlers/route-places.js';
import { accessIn } from './exposed-access.js';
import { ownRoutes } from './own-routes.js';

/**
 * Lists every handler of an application with what it requires, for an inventory: HTTP, GraphQL, gateways and microservices.
 * The application need not listen or be initialised: `NestFactory.create(AppModule, { preview: true })` is enough, and
 * connects to nothing.
 *
 * ```ts
 * import { takeInventory } from '@entra-guard/catalogue';
 * const { handlers, warnings } = takeInventory(handlersIn(app));
 * ```
 *
 * A handler that no `EntraGuard` covers is listed as open, even if it declares a requirement. A handler behind another guard
 * is listed with that guard's name. Paths have the global prefix and the versions that the application has at this time.
 *
 * A preview injects nothing: it shows `handlers` and `defaultRequirement` in the options of `forRoot` and next to the factory
 * of `forRootAsync`, but not those that a factory returns.
 *
 * @throws ConfigurationError for declarations that contradict each other
 */
export function handlersIn(app: INestApplicationContext): readonly ExposedHandler[] {
  const modules = app.get(ModulesContainer, { strict: false });
  const { config = applicationConfig(modules) } = app as { readonly config?: ApplicationConfig };
  const placesOf = routePlaces(config, modules);
  const { accessOf } = accessIn(app, modules);
  const ofControllers = handlersOf(modules).flatMap((handler) => {
    const access = accessOf(handler);
    const name = `${handler.controller.name}.${handler.method}`;
    // Fields of GraphQL and messages have no path: `GRAPHQL query orders`.
    const elsewhere = { method: handler.type.toUpperCase(), path: handler.by };
    const places = handler.type === 'http' ? placesOf(handler) : [elsewhere];
    return places.map((place) => ({ ...place, handler: name, access }));
  });
  return [...ofControllers, ...ownRoutes(config, modules)];
}
