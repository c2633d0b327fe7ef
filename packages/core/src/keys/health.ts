import type { KeySourceState, ValidatorState } from './validator-state.js';

/** Whether tokens can be judged. Holds nothing that a probe may not see. */
export interface Health {
  /**
   * `up`: keys are there and fresh. `degraded`: every token whose keys are at hand is judged, but something could not be
   * read, so this becomes `down` unless it can be. `down`: no key is at hand that may be trusted; requests are answered 503.
   */
  readonly status: 'up' | 'degraded' | 'down';
  /** What is wrong and until when it can be borne, for people. */
  readonly message: string;
  readonly sources: readonly KeySourceState[];
}

/**
 * @param now milliseconds since the epoch
 * @param failure why keys could not be loaded just now
 */
export function healthOf(
  { sources, closed }: ValidatorState,
  now: number,
  failure: string | undefined,
): Health {
  const health = (status: Health['status'], message: string): Health => ({ status, message, sources });
  if (closed) return health('down', 'The validator was closed.');
  const trusted = ({ trustedUntil }: KeySourceState): boolean =>
    trustedUntil !== undefined && now < trustedUntil;
  if (!sources.some((source) => source.document === 'keys' && trusted(source))) {
    return health('down', failure ?? 'No signing keys are at hand.');
  }
  if (failure !== undefined) return health('degraded', failure);
  const failing = sources.filter(({ lastError, stale }) => lastError !== undefined && stale);
  const [first] = failing;
  if (first === undefined) return health('up', 'Signing keys are at hand and fresh.');
  const lasting = failing.filter(trusted).map(({ trustedUntil }) => trustedUntil as number);
  const until =
    lasting.length === 0
      ? ''
      : ` What is at hand is trusted until ${new Date(Math.min(...lasting)).toISOString()}.`;
  const more = failing.length === 1 ? '' : ` and ${failing.length - 1} more`;
  return health('degraded', `${first.url}${more} can't be refreshed: ${first.lastError}.${until}`);
}
