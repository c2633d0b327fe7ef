import type { Health, HealthPart, HealthStatus } from '../base/health.js';
import { thrownLine } from '../base/thrown.js';
import type { Revocations } from '../options/revocations.js';

const SEVERITY: readonly HealthStatus[] = ['up', 'degraded', 'down'];

/** Adds the health of revocations to that of other parts. The worse of the two decides. */
export function withRevocations(health: Health, revocations: Revocations | undefined): Health {
  if (revocations === undefined) return health;
  const part = partOf(revocations);
  const parts = [...health.parts, part];
  if (part.status === 'up') return { ...health, parts };
  const worse = SEVERITY.indexOf(part.status) > SEVERITY.indexOf(health.status);
  const message = health.status === 'up' ? part.message : `${health.message} ${part.message}`;
  return { status: worse ? part.status : health.status, message, parts };
}

/** A store may be the application's. What it gives in the place of its health counts as `down`. */
function partOf(revocations: Revocations): HealthPart {
  try {
    const part: Partial<HealthPart> = Object(revocations.health());
    if (part.status !== undefined && SEVERITY.includes(part.status)) return part as HealthPart;
    return failed('It gave no health.');
  } catch (error) {
    return failed(thrownLine(error));
  }
}

function failed(lastError: string): HealthPart {
  const message = 'The revocations do not tell their health.';
  return { part: 'revocations', status: 'down', message, lastError };
}
