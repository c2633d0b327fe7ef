import type { Part } from './errors.js';
import type { Health, HealthPart, HealthStatus } from './health.js';
import { thrownLine } from './thrown.js';

const SEVERITY: readonly HealthStatus[] = ['up', 'degraded', 'down'];

/**
 * Adds the health of a store to that of other parts. The worse of the two decides.
 *
 * @param part what it is for
 * @param store `undefined` for none
 */
export function withStore(health: Health, part: Part, store: { health(): HealthPart } | undefined): Health {
  if (store === undefined) return health;
  const own = partOf(part, store);
  const parts = [...health.parts, own];
  if (own.status === 'up') return { ...health, parts };
  const worse = SEVERITY.indexOf(own.status) > SEVERITY.indexOf(health.status);
  const message = health.status === 'up' ? own.message : `${health.message} ${own.message}`;
  return { status: worse ? own.status : health.status, message, parts };
}

/** A store may be the application's. What it gives in the place of its health counts as `down`. */
function partOf(part: Part, store: { health(): HealthPart }): HealthPart {
  try {
    const given: Partial<HealthPart> = Object(store.health());
    if (given.status !== undefined && SEVERITY.includes(given.status)) return given as HealthPart;
    return failed(part, 'It gave no health.');
  } catch (error) {
    return failed(part, thrownLine(error));
  }
}

function failed(part: Part, lastError: string): HealthPart {
  return { part, status: 'down', message: `The ${part} do not tell their health.`, lastError };
}
