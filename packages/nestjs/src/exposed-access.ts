import type { Guard, HandlerAccess } from '@entra-guard/core';
import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { microservicesRunGuards } from './assert-covered.js';
import { ContextRegistry } from './contexts/context-registry.js';
import { coverage, nothingShown, type ShownCoverage } from './coverage.js';
import { EntraGuard } from './entra-guard.guard.js';
import { type EntraGuardModuleOptions, type ModuleSettings, resolveOptions } from './entra-guard.options.js';
import {
  CONTEXT_REGISTRY,
  CORE_GUARD,
  COVERAGE,
  ENTRA_GUARD_OPTIONS,
  HANDLER_REQUIREMENTS,
  MODULE_SETTINGS,
} from './entra-guard.tokens.js';
import { graphRoots } from './graphql/graph-roots.js';
import { guardedItself, installedByApplication, otherGuards } from './guards-seen.js';
import { type Handler, handlersOf } from './handler-inventory.js';
import { HandlerRequirements } from './handler-requirements.js';

/** Says what stands in front of each handler of an application, by what the check at boot goes by. */
export interface ExposedAccess {
  /** @throws ConfigurationError for declarations that contradict each other */
  readonly accessOf: (handler: Handler) => HandlerAccess;
  /** Whether an `EntraGuard` runs before the handler. */
  readonly isCovered: (handler: Handler) => boolean;
}

/** Looks at an application that runs, was created, or is previewed. */
export function accessIn(app: INestApplicationContext, modules: ModulesContainer): ExposedAccess {
  const othersBefore = otherGuards(modules);
  const settings = provided<ModuleSettings>(modules, MODULE_SETTINGS);
  if (settings === undefined) {
    const nothing = open('EntraGuardModule is not imported');
    return {
      accessOf: (handler) => leftTo(othersBefore(handler), undefined) ?? nothing,
      isCovered: () => false,
    };
  }
  const requirements = requirementsIn(modules, settings);
  const remedyFor = coverageIn(app, modules, settings);
  const declaredFor = ({ controller, method, callbacks }: Handler) =>
    requirements.learn(controller, method, callbacks).access;
  const isCovered = (handler: Handler): boolean =>
    remedyFor(handler, declaredFor(handler) !== undefined) === undefined;
  const accessOf = (handler: Handler): HandlerAccess => {
    const access = declaredFor(handler);
    const requirement = access?.mode === 'require' ? access.requirement : undefined;
    const others = othersBefore(handler);
    const isPublic = requirement?.role === 'anonymous';
    if (isPublic && others.length > 0) return otherGuard(others, undefined);
    const declares = requirement === undefined ? undefined : String(requirement);
    // Elsewhere than in HTTP the check at boot asks for no guard in front of what is open on purpose.
    const remedy = isPublic && handler.type !== 'http' ? undefined : remedyFor(handler, access !== undefined);
    if (remedy !== undefined) {
      return leftTo(others, declares) ?? open(whyOpen(handler, declares, remedy), access !== undefined);
    }
    if (access?.mode === 'optional') return leftTo(others, undefined) ?? { kind: 'optional' };
    return requirement === undefined
      ? { kind: 'undecided', effect: 'denied', why: 'it declares no requirement' }
      : { kind: 'requirement', requirement };
  };
  return { accessOf, isCovered };
}

function leftTo(guards: readonly string[], declares: string | undefined): HandlerAccess | undefined {
  return guards.length === 0 ? undefined : otherGuard(guards, declares);
}

function otherGuard(guards: readonly string[], declares: string | undefined): HandlerAccess {
  return { kind: 'other-guard', guards, ...(declares === undefined ? {} : { declares }) };
}

function open(why: string, declared = false): HandlerAccess {
  return { kind: 'undecided', effect: 'open', why, ...(declared ? { declared } : {}) };
}

function whyOpen({ type, nested }: Handler, declares: string | undefined, remedy: string): string {
  if (nested && declares === undefined)
    return 'no guard runs on this field, so it is as open as what it is part of';
  const asks = declares === undefined ? '' : `, although it declares ${declares}`;
  // What to do about HTTP is for the warning to say; elsewhere it depends.
  return `no EntraGuard stands in front of it${asks}${type === 'http' ? '' : `: ${remedy.replace(/\.$/, '')}`}`;
}

/** What the check at boot says of each handler; before there is an application, by what is declared. */
function coverageIn(
  app: INestApplicationContext,
  modules: ModulesContainer,
  settings: ModuleSettings,
): (handler: Handler, declares: boolean) => string | undefined {
  const guard = settings.guard ?? EntraGuard;
  const running = provided<ShownCoverage>(modules, COVERAGE);
  const shown = running ?? nothingShown();
  const { getHttpAdapter } = app as { readonly getHttpAdapter?: () => never };
  // A preview has HTTP in any case; an application without routes will not.
  const isHttp = running !== undefined || handlersOf(modules).some(({ type }) => type === 'http');
  const guardsAll = settings.installGuard !== false || installedByApplication(modules);
  const facts = {
    modules,
    contexts:
      provided<ContextRegistry>(modules, CONTEXT_REGISTRY) ?? new ContextRegistry(settings.contexts ?? []),
    host: {
      core: provided<Guard>(modules, CORE_GUARD) as Guard,
      httpAdapter:
        isHttp && getHttpAdapter !== undefined ? Reflect.apply(getHttpAdapter, app, []) : undefined,
    },
    shown: {
      ...shown,
      boot: shown.boot,
      microservicesInherit: () => shown.microservicesInherit() || microservicesRunGuards(app),
    },
    guardsAll,
    guardedItself: guardedItself(modules, guard),
    mayBeRoot: graphRoots(modules),
    // It stands on every handler, as soon as the application is made.
    guardedByAttached: (_: Handler, declares: boolean) => guardsAll || declares,
    guardName: guard.name,
    started: running !== undefined,
  };
  return coverage(facts);
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
