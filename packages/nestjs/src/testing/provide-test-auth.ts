import type { GuardOptions } from '@entra-guard/core';
import type { StandInCaller, StandInSettings } from '@entra-guard/core/testing';
import type { FactoryProvider } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { ContextRegistry } from '../contexts/context-registry.js';
import { nothingShown } from '../coverage/shown-coverage.js';
import type { EntraGuard } from '../entra-guard.guard.js';
import {
  givenOptions,
  type HandlerOptions,
  type ModuleShape,
  moduleSettings,
  resolveOptions,
} from '../entra-guard.options.js';
import { handlersOf } from '../handlers/handler-inventory.js';
import { HandlerRequirements } from '../handlers/handler-requirements.js';
import { openRightsOf } from '../lasting/open-rights.js';
import { StandInEntraGuard } from './stand-in-entra-guard.js';
import { standInGuard } from './stand-in-guard.js';

/** Options of {@link provideTestAuth}: those of the module that concern handlers, and the log. */
export type TestAuthOptions = StandInSettings & HandlerOptions & Pick<ModuleShape, 'contexts' | 'uncovered'>;

/**
 * Guards a testing module without `EntraGuardModule`: every call comes from one caller, and no token is required or read.
 * What the decorators declare is judged as always. Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * const testing = await Test.createTestingModule({
 *   controllers: [OrdersController],
 *   providers: [provideTestAuth(testAuth({ kind: 'user', scopes: ['Orders.Read'] }))],
 * }).compile();
 * ```
 *
 * A module that also has `EntraGuardModule` does not boot: override that module's guard with `standInGuard` instead.
 *
 * @param caller the caller; `null` for none; or a function that returns either at each call
 * @throws ConfigurationError for a value that is not a caller, and for invalid options
 */
export function provideTestAuth(
  caller: StandInCaller,
  options: TestAuthOptions = {},
): FactoryProvider<EntraGuard> {
  const { defaultRequirement, handlers, contexts = [], uncovered, ...standIn } = givenOptions(options);
  const guard = standInGuard(caller, standIn);
  const settings = moduleSettings(options);
  const registry = new ContextRegistry(contexts);
  // Only the log and the clock are read: no token is validated.
  const resolved = resolveOptions(standIn as unknown as GuardOptions, settings);
  return {
    provide: APP_GUARD,
    inject: [ModuleRef, ModulesContainer, HttpAdapterHost],
    useFactory: (moduleRef: ModuleRef, modules: ModulesContainer, adapterHost: HttpAdapterHost) =>
      new StandInEntraGuard({
        guard,
        application: {
          modules,
          settings,
          options: resolved,
          requirements: new HandlerRequirements(resolved.assignments, resolved.defaultRequirement, () =>
            handlersOf(modules),
          ),
          contexts: registry,
          shown: nothingShown(),
        },
        adapterHost,
        openRights: openRightsOf(guard, settings.recheckEvery, resolved.now),
        moduleRef,
      }),
  };
}
