import type { ExposedHandler, HandlerAccess } from '@entra-guard/core';
import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DeclarationGuard } from './declaration-guard.js';
import { type EntraGuardModuleOptions, type ModuleSettings, resolveOptions } from './entra-guard.options.js';
import { ENTRA_GUARD_OPTIONS, HANDLER_REQUIREMENTS, MODULE_SETTINGS } from './entra-guard.tokens.js';
import { guardedItself, installedByApplication } from './guards-seen.js';
import { type Handler, handlersOf } from './handler-inventory.js';
import { HandlerRequirements } from './handler-requirements.js';
import { routePlaces } from './route-places.js';

/**
 * Every handler of an application with what it requires, those of GraphQL, gateways and microservices included: what an
 * inventory is taken of. The application need not
 * listen or be initialised; `NestFactory.create(AppModule, { preview: true })` is enough, and connects to nothing.
 *
 * ```ts
 * import { takeInventory } from '@entra-guard/core/catalogue';
 * const { handlers, warnings } = takeInventory(handlersIn(app));
 * ```
 *
 * In a preview nothing is injected: `handlers` and `defaultRequirement` are then seen in the options of `forRoot` and
 * beside the factory of `forRootAsync`, and not where a factory returns them.
 *
 * @throws ConfigurationError for declarations that contradict each other
 */
export function handlersIn(app: INestApplicationContext): readonly ExposedHandler[] {
  const modules = app.get(ModulesContainer, { strict: false });
  const placesOf = routePlaces(app, modules);
  const accessOf = accessIn(modules);
  return handlersOf(modules).flatMap((handler) => {
    const access = accessOf(handler);
    const name = `${handler.controller.name}.${handler.method}`;
    // Fields of GraphQL and messages have no path: `GRAPHQL query orders`.
    const elsewhere = { method: handler.type.toUpperCase(), path: handler.by };
    const places = handler.type === 'http' ? placesOf(handler) : [elsewhere];
    return places.map((place) => ({ ...place, handler: name, access }));
  });
}

function accessIn(modules: ModulesContainer): (handler: Handler) => HandlerAccess {
  const settings = provided<ModuleSettings>(modules, MODULE_SETTINGS);
  if (settings === undefined) return () => open('EntraGuardModule is not imported');
  const requirements = requirementsIn(modules, settings);
  const all = settings.installGuard !== false || installedByApplication(modules);
  const itself = guardedItself(modules, settings.guard);
  const attached = guardedItself(modules, DeclarationGuard);
  return (handler) => {
    const { access } = requirements.learn(handler.controller, handler.method, handler.callbacks);
    if (!all && !itself(handler) && !(access !== undefined && attached(handler))) {
      const asks = access?.mode === 'require' ? `, although it declares ${access.requirement}` : '';
      return open(`no EntraGuard stands in front of it${asks}`);
    }
    if (access === undefined)
      return { kind: 'undecided', effect: 'denied', why: 'it declares no requirement' };
    return access.mode === 'optional'
      ? { kind: 'optional' }
      : { kind: 'requirement', requirement: access.requirement };
  };
}

function open(why: string): HandlerAccess {
  return { kind: 'undecided', effect: 'open', why };
}

/** As the running application has them; in a preview, from those options that need nothing injected. */
function requirementsIn(modules: ModulesContainer, settings: ModuleSettings): HandlerRequirements {
  const running = provided<HandlerRequirements>(modules, HANDLER_REQUIREMENTS);
  if (running !== undefined) return running;
  const options = provided<EntraGuardModuleOptions>(modules, ENTRA_GUARD_OPTIONS);
  const { assignments, defaultRequirement } = resolveOptions(
    options ?? (settings as EntraGuardModuleOptions),
    settings,
  );
  return new HandlerRequirements(assignments, defaultRequirement);
}

/** What a token stands for, where there is something already. */
function provided<T>(modules: ModulesContainer, token: InjectionToken): T | undefined {
  for (const { providers } of modules.values()) {
    // In a preview Nest leaves `null` where a factory would have to be called.
    const instance: unknown = providers.get(token)?.instance;
    if (instance !== undefined && instance !== null) return instance as T;
  }
  return undefined;
}
