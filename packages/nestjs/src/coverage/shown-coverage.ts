import { Boot } from './boot.js';

/** What `assertCovered(app)` and `guardConnections(app, …)` showed: a module can't see it. */
export interface ShownCoverage {
  /** Whether every microservice that is connected to the application by now runs its global guards. */
  microservicesInherit: () => boolean;
  /** Whether `guardConnections` has made an adapter for gateways, and whether Nest uses it. */
  connectionsGuarded: 'no' | 'made' | 'used';
  /** Whether the check at boot has passed. */
  readonly boot: Boot;
}

/** The state before either was called. */
export function nothingShown(): ShownCoverage {
  return { microservicesInherit: () => false, connectionsGuarded: 'no', boot: new Boot() };
}
