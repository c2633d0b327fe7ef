import type { ErrorCode } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { DecisionEvent } from './decision-event.js';
import { subscribe } from './subscribe.js';

/** The part of a pino logger that is used. Child loggers, `PinoLogger` of nestjs-pino and bunyan fit as well. */
export interface DecisionLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options of {@link logDecisionsTo}. */
export interface LogDecisionsOptions {
  /** Whether allowed decisions are written too. Default `true`. */
  readonly allowed?: boolean;
}

/** Codes that are not the caller's fault: their status is 500 or more. */
const OURS: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  'keys_unavailable',
  'hook_failed',
  'check_failed',
  'configuration_invalid',
]);

/**
 * Writes one line for each decision of every guard in this process: level `info` when allowed, `warn` when denied,
 * `error` when the API could not decide. The event is the field `decision`, as it was published.
 *
 * ```ts
 * const stop = logDecisionsTo(pino());
 * ```
 * @returns a function that ends it
 */
export function logDecisionsTo(logger: DecisionLogger, options: LogDecisionsOptions = {}): () => void {
  const { allowed = true } = ownOptions('logDecisionsTo()', options);
  return subscribe('logDecisionsTo', (event) => {
    if (event.outcome === 'allow') {
      if (allowed) logger.info({ decision: event }, sentence(event));
    } else if (OURS.has(event.code)) {
      logger.error({ decision: event }, sentence(event));
    } else {
      logger.warn({ decision: event }, sentence(event));
    }
  });
}

/** Writes the line from fixed words and the handler's name only. What a token holds, verified or not, stays in its field. */
function sentence({ outcome, code, handler }: DecisionEvent): string {
  const place = handler === undefined ? '' : ` at ${printable(handler)}`;
  return `entra-guard: ${outcome}${code === undefined ? '' : ` ${code}`}${place}`;
}
