import type { KeySourceState, ValidatorState } from './documents/validator-state.js';

/** Whether tokens can be judged. */
export interface Health {
  /**
   * `up`: keys are there and fresh. `degraded`: tokens whose keys are at hand are judged, but something can't be read, and
   * where that lasts this becomes `down`: no key is at hand that may be trusted, and requests are answered 503.
   */
  readonly status: 'up' | 'degraded' | 'down';
  /** What is wrong and until when it can be borne, for people. Names no tenant and no place. */
  readonly message: string;
  /** How each document stands. Names tenants and URLs: for operators, not for everybody who can reach a probe. */
  readonly sources: readonly KeySourceState[];
}

/**
 * @param now milliseconds since the epoch
 * @param loaded whether everything could be read that is needed at the start
 */
export function healthOf({ sources, closed }: ValidatorState, now: number, loaded: boolean): Health {
  const health = (status: Health['status'], message: string): Health => ({ status, message, sources });
  if (closed) return health('down', 'The validator was closed.');
  const trusted = ({ trustedUntil }: KeySourceState): boolean =>
    trustedUntil !== undefined && now < trustedUntil;
  if (!sources.some((source) => source.document === 'keys' && trusted(source))) {
    return health('down', "Signing keys can't be read, and none are at hand.");
  }
  const failing = sources.filter(({ lastError, stale }) => lastError !== undefined && stale);
  if (loaded && failing.length === 0) return health('up', 'Signing keys are at hand and fresh.');
  const missing = failing.some((source) => !trusted(source));
  const ends = failing.filter(trusted).map(({ trustedUntil }) => trustedUntil as number);
  const sentences = [
    ...(missing || !loaded ? ['Some signing keys can not be read.'] : []),
    ...(ends.length === 0
      ? []
      : [
          `Keys can't be refreshed; those at hand are trusted until ${new Date(Math.min(...ends)).toISOString()}.`,
        ]),
  ];
  return health('degraded', sentences.join(' '));
}
