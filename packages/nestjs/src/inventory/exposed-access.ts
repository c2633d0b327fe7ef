import type { HandlerAccess } from '@entra-guard/core';
import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { ContextRegistry } from '../contexts/context-registry.js';
import { type Application, isInstalled } from '../coverage/application.js';
import { microservicesRunGuards } from '../coverage/assert-covered.js';
import { remediesIn } from '../coverage/remedies.js';
import { nothingShown, type ShownCoverage } from '../coverage/shown-coverage.js';
import {
  type EntraGuardModuleOptions,
  type ModuleSettings,
  type ResolvedOptions,
  resolveOptions,
} from '../entra-guard.options.js';
import {
  CONTEXT_REGISTRY,
  COVERAGE,
  ENTRA_GUARD_OPTIONS,
  HANDLER_REQUIREMENTS,
  MODULE_SETTINGS,
  RESOLVED_OPTIONS,
} from '../entra-guard.tokens.js';
import { installedByApplication, otherGuards } from '../guards/guards-seen.js';
import { type Handler, handlersOf } from '../handlers/handler-inventory.js';
import { HandlerRequirements } from '../handlers/handler-requirements.js';

/** Says what stands in front of each handler of an application, by the rules of the check at boot. */
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
  const application = applicationIn(app, modules, settings);
  const { requirements } = application;
  const guardsAll = isInstalled(settings) || installedByApplication(modules);
  // The guard that decorators attach stands on every handler as soon as the application is made.
  const remedyFor = remediesIn(application, (_, declares) => guardsAll || declares);
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

/** The application as it runs; before it does, as its modules and the options that need nothing injected declare it. */
function applicationIn(
  app: INestApplicationContext,
  modules: ModulesContainer,
  settings: ModuleSettings,
): Application {
  const running = provided<ShownCoverage>(modules, COVERAGE);
  const shown = running ?? nothingShown();
  const options = provided<ResolvedOptions>(modules, RESOLVED_OPTIONS) ?? optionsIn(modules, settings);
  return {
    modules,
    settings,
    options,
    requirements:
      provided<HandlerRequirements>(modules, HANDLER_REQUIREMENTS) ??
      new HandlerRequirements(options.assignments, options.defaultRequirement),
    contexts:
      provided<ContextRegistry>(modules, CONTEXT_REGISTRY) ?? new ContextRegistry(settings.contexts ?? []),
    shown: {
      ...shown,
      boot: shown.boot,
      microservicesInherit: () => shown.microservicesInherit() || microservicesRunGuards(app),
    },
    // A preview has HTTP in any case; an application without routes will not.
    hasHttp: (running !== undefined || hasRoutes(modules)) && hasAdapter(app),
    started: running !== undefined,
  };
}

function hasRoutes(modules: ModulesContainer): boolean {
  return handlersOf(modules).some(({ type }) => type === 'http');
}

function hasAdapter(app: INestApplicationContext): boolean {
  const { getHttpAdapter } = app as { readonly getHttpAdapter?: () => unknown };
  return getHttpAdapter !== undefined && Reflect.apply(getHttpAdapter, app, []) !== undefined;
}

/** In a preview nothing is injected: what a factory would return is missing. */
function optionsIn(modules: ModulesContainer, settings: ModuleSettings): ResolvedOptions {
  const options = provided<EntraGuardModuleOptions>(modules, ENTRA_GUARD_OPTIONS);
  return resolveOptions(options ?? (settings as EntraGuardModuleOptions), settings);
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
