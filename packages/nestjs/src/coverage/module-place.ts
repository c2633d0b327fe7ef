import { ConfigurationError } from '@entra-guard/core';
import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

type Module = ReturnType<ModulesContainer['values']> extends IterableIterator<infer M> ? M : never;

/**
 * Makes sure that a module was there when the application was put together. What `LazyModuleLoader` brings later comes
 * after the global guards and after the routes.
 *
 * @param isOurs tells the module among all
 * @throws ConfigurationError for one that came later
 */
export function assertLoadedInTime(modules: ModulesContainer, isOurs: (module: Module) => boolean): void {
  // The first is Nest's own; the second is the root.
  const [, root] = modules.values();
  const reached = new Set<Module>();
  const next = root === undefined ? [] : [root];
  for (let module = next.pop(); module !== undefined; module = next.pop()) {
    if (reached.has(module)) continue;
    reached.add(module);
    next.push(...module.imports);
  }
  if ([...reached].some(isOurs)) return;
  throw new ConfigurationError(
    'EntraGuardModule was loaded by LazyModuleLoader, where it guards nothing: the routes are there already.',
    'Import EntraGuardModule.forRoot({ … }) in the root module. It opens no connection until the first token comes.',
  );
}

/** What stands for each of these tokens where the module is imported without options: an error that says so. */
export function missingOptions(tokens: readonly InjectionToken[]): readonly FactoryProvider[] {
  return tokens.map((provide) => ({
    provide,
    useFactory: () => {
      throw new ConfigurationError(
        'EntraGuardModule was imported without options.',
        'Write EntraGuardModule.forRoot({ tenantId, clientId }) in the imports of the root module, once: other modules need not import it.',
      );
    },
  }));
}
