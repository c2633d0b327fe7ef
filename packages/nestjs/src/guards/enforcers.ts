import type { ModulesContainer } from '@nestjs/core';
import type { EntraGuard } from '../entra-guard.guard.js';
import { ENFORCING_GUARD } from '../entra-guard.tokens.js';
import { guardsOfApplication } from './guards-seen.js';

/** The guards that an application judges calls by: one, unless `EntraGuardModule` is imported several times. */
export interface Enforcers {
  readonly guards: readonly EntraGuard[];
  /** Whether they are installed in front of every handler. */
  readonly forAll: boolean;
}

/** What is installed for the whole application, or else what the modules have for `@UseGuards`. */
export function enforcersIn(modules: ModulesContainer): Enforcers {
  const installed = guardsOfApplication(modules);
  if (installed.length > 0) return { guards: installed, forAll: true };
  const guards = [...modules.values()].flatMap(({ providers }) => {
    const wrapper = providers.get(ENFORCING_GUARD);
    const instance = wrapper?.instance as EntraGuard | null | undefined;
    return wrapper?.isDependencyTreeStatic() === true && instance ? [instance] : [];
  });
  return { guards: [...new Set(guards)], forAll: false };
}

/** Whether an application has anything at all that enforces declarations. */
export function isEnforced(modules: ModulesContainer): boolean {
  return (
    guardsOfApplication(modules).length > 0 ||
    [...modules.values()].some(({ providers }) => providers.has(ENFORCING_GUARD))
  );
}
