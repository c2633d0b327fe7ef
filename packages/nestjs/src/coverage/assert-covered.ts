import { ConfigurationError } from '@entra-guard/core';
import type { INestApplicationContext } from '@nestjs/common';
import { EntraGuard } from '../entra-guard.guard.js';
import { EntraGuardModule } from '../entra-guard.module.js';

/** What Nest keeps of a connected microservice. Not public API. */
interface ConnectedMicroservice {
  readonly applicationConfig?: {
    getGlobalGuards(): readonly unknown[];
    getGlobalRequestGuards(): readonly { readonly metatype?: unknown }[];
  };
}

/**
 * Checks that a guard covers every handler, also those of connected microservices. Call it after `connectMicroservice` and
 * before `startAllMicroservices` and `listen`. A module can't see how a microservice was connected, so such an application
 * does not start without this call.
 *
 * ```ts
 * app.connectMicroservice(options, { inheritAppConfig: true });
 * assertCovered(app);
 * await app.startAllMicroservices();
 * ```
 *
 * @throws ConfigurationError that names the handlers that are open to every caller, and how to guard them
 */
export function assertCovered(app: INestApplicationContext): void {
  // Asked again when the application starts: more may have been connected by then.
  moduleOf(app).assertCovered(() => connectedTo(app).every(runsGuard));
}

function moduleOf(app: INestApplicationContext): EntraGuardModule {
  try {
    return app.get(EntraGuardModule, { strict: false });
  } catch (cause) {
    const error = new ConfigurationError(
      'assertCovered(app) was given an application without EntraGuardModule.',
      'Import EntraGuardModule.forRoot({ … }) in its root module.',
    );
    error.cause = cause;
    throw error;
  }
}

function connectedTo(app: INestApplicationContext): readonly ConnectedMicroservice[] {
  const { getMicroservices } = app as { readonly getMicroservices?: () => unknown };
  if (typeof getMicroservices !== 'function') return [];
  return Reflect.apply(getMicroservices, app, []) as readonly ConnectedMicroservice[];
}

/** Whether microservices are connected, and each of them runs an `EntraGuard` for all its handlers. */
export function microservicesRunGuards(app: INestApplicationContext): boolean {
  const connected = connectedTo(app);
  return connected.length > 0 && connected.every(runsGuard);
}

function runsGuard({ applicationConfig }: ConnectedMicroservice): boolean {
  if (applicationConfig === undefined) return false;
  const classes = applicationConfig.getGlobalRequestGuards().map(({ metatype }) => metatype);
  return (
    applicationConfig.getGlobalGuards().some((guard) => guard instanceof EntraGuard) ||
    classes.some(
      (guard) =>
        typeof guard === 'function' && (guard === EntraGuard || guard.prototype instanceof EntraGuard),
    )
  );
}
