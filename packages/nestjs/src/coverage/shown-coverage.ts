import { Boot } from './boot.js';

/** What the application showed about itself from outside, with `assertCovered(app)`. */
export interface ShownCoverage {
  /** Whether every microservice that is connected to the application by now runs its global guards. */
  microservicesInherit: () => boolean;
  /** What `guardConnections` gave stands in front of the connections of gateways: it was made, and Nest uses it. */
  connectionsGuarded: 'no' | 'made' | 'used';
  /** Whether the application has been found to be covered. */
  readonly boot: Boot;
}

/** Before anything was shown. */
export function nothingShown(): ShownCoverage {
  return { microservicesInherit: () => false, connectionsGuarded: 'no', boot: new Boot() };
}
