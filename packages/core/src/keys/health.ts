import type { Health, HealthPart, HealthStatus } from '../base/health.js';
import type { KeySourceState, ValidatorState } from './documents/validator-state.js';

/**
 * Tells whether tokens can be validated. `up`: keys are loaded and fresh. `degraded`: tokens whose keys are loaded are
 * validated, but a document can't be read. `down`: no trusted key is loaded.
 *
 * @param now milliseconds since the epoch
 * @param loaded whether all documents that are needed at the start could be read
 */
export function healthOf({ sources, closed }: ValidatorState, now: number, loaded: boolean): Health {
  const parts = sources.map((source) => partOf(source, now, closed));
  const health = (status: HealthStatus, message: string): Health => ({ status, message, parts });
  if (closed) return health('down', CLOSED);
  if (!sources.some((source) => source.document === 'keys' && isTrusted(source, now))) {
    return health('down', "Signing keys can't be read, and none are loaded.");
  }
  const failing = sources.filter(isFailing);
  if (loaded && failing.length === 0) return health('up', 'Signing keys are loaded and fresh.');
  const missing = failing.some((source) => !isTrusted(source, now));
  const ends = failing
    .filter((source) => isTrusted(source, now))
    .map(({ trustedUntil }) => trustedUntil as number);
  const sentences = [
    ...(missing || !loaded ? ["Some signing keys can't be read."] : []),
    ...(ends.length === 0
      ? []
      : [`Keys can't be refreshed; the loaded ones are trusted until ${dateOf(Math.min(...ends))}.`]),
  ];
  return health('degraded', sentences.join(' '));
}

const CLOSED = 'The validator was closed.';

/** The health of one document. */
function partOf(source: KeySourceState, now: number, closed: boolean): HealthPart {
  const { url, fetchedAt, lastError } = source;
  const [status, message] = closed ? (['down', CLOSED] as const) : statusOf(source, now);
  return {
    part: 'keys',
    name: url,
    status,
    message,
    ...(fetchedAt === undefined ? {} : { ageMs: now - fetchedAt }),
    ...(lastError === undefined ? {} : { lastError }),
  };
}

function statusOf(source: KeySourceState, now: number): readonly [HealthStatus, string] {
  if (!isTrusted(source, now)) return ['down', "It can't be read, and no copy of it is trusted."];
  if (!isFailing(source)) return ['up', 'It is loaded and fresh.'];
  return [
    'degraded',
    `It can't be refreshed; the copy is trusted until ${dateOf(source.trustedUntil as number)}.`,
  ];
}

function isTrusted({ trustedUntil }: KeySourceState, now: number): boolean {
  return trustedUntil !== undefined && now < trustedUntil;
}

function isFailing({ lastError, stale }: KeySourceState): boolean {
  return lastError !== undefined && stale;
}

function dateOf(time: number): string {
  return new Date(time).toISOString();
}
