import type { KeySourceState, ValidatorState } from './documents/validator-state.js';

/** Whether tokens can be validated. */
export interface Health {
  /**
   * `up`: keys are loaded and fresh. `degraded`: tokens whose keys are loaded are validated, but a document can't be
   * read. `down`: no trusted key is loaded, so requests are answered 503.
   */
  readonly status: 'up' | 'degraded' | 'down';
  /** What is wrong, and until when loaded keys are trusted. For people; names no tenant and no URL. */
  readonly message: string;
  /**
   * The state of each document. Names tenants and URLs, so show it only to operators, and not to everyone who can reach
   * a probe.
   */
  readonly sources: readonly KeySourceState[];
}

/**
 * @param now milliseconds since the epoch
 * @param loaded whether all documents that are needed at the start could be read
 */
export function healthOf({ sources, closed }: ValidatorState, now: number, loaded: boolean): Health {
  const health = (status: Health['status'], message: string): Health => ({ status, message, sources });
  if (closed) return health('down', 'The validator was closed.');
  const trusted = ({ trustedUntil }: KeySourceState): boolean =>
    trustedUntil !== undefined && now < trustedUntil;
  if (!sources.some((source) => source.document === 'keys' && trusted(source))) {
    return health('down', "Signing keys can't be read, and none are loaded.");
  }
  const failing = sources.filter(({ lastError, stale }) => lastError !== undefined && stale);
  if (loaded && failing.length === 0) return health('up', 'Signing keys are loaded and fresh.');
  const missing = failing.some((source) => !trusted(source));
  const ends = failing.filter(trusted).map(({ trustedUntil }) => trustedUntil as number);
  const sentences = [
    ...(missing || !loaded ? ["Some signing keys can't be read."] : []),
    ...(ends.length === 0
      ? []
      : [
          `Keys can't be refreshed; the loaded ones are trusted until ${new Date(Math.min(...ends)).toISOString()}.`,
        ]),
  ];
  return health('degraded', sentences.join(' '));
}
