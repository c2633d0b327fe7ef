import type { ExposedHandler } from '@entra-guard/core';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type ApplicationConfig, applicationConfig } from '../handlers/application-config.js';
import { handlersOf } from '../handlers/handler-inventory.js';
import { routePlaces } from '../handlers/route-places.js';
import { accessIn } from './exposed-access.js';

/**
 * Every handler of an application with what it requires, those of GraphQL, gateways and microservices included: what an
 * inventory is taken of. The application need not
 * listen or be initialised; `NestFactory.create(AppModule, { preview: true })` is enough, and connects to nothing.
 *
 * ```ts
 * import { takeInventory } from '@entra-guard/catalogue';
 * const { handlers, warnings } = takeInventory(handlersIn(app));
 * ```
 *
 * What the check at boot finds to be covered by no `EntraGuard` is open, whatever it declares; what another guard stands in
 * front of is that guard's, and not judged. Paths have the global prefix and versions that the application was given by then.
 *
 * In a preview nothing is injected: `handlers` and `defaultRequirement` are then seen in the options of `forRoot` and
 * beside the factory of `forRootAsync`, and not where a factory returns them.
 *
 * @throws ConfigurationError for declarations that contradict each other
 */
export function handlersIn(app: INestApplicationContext): readonly ExposedHandler[] {
  const modules = app.get(ModulesContainer, { strict: false });
  const { config = applicationConfig(modules) } = app as { readonly config?: ApplicationConfig };
  const placesOf = routePlaces(config, modules);
  const { accessOf } = accessIn(app, modules);
  return handlersOf(modules).flatMap((handler) => {
    const access = accessOf(handler);
    const name = `${handler.controller.name}.${handler.method}`;
    // Fields of GraphQL and messages have no path: `GRAPHQL query orders`.
    const elsewhere = { method: handler.type.toUpperCase(), path: handler.by };
    const places = handler.type === 'http' ? placesOf(handler) : [elsewhere];
    return places.map((place) => ({ ...place, handler: name, access }));
  });
}
