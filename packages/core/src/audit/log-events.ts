import { isOurFault } from '../base/code-status.js';
import { printable } from '../base/printable.js';
import type { KeyEvent } from '../keys/documents/key-events.js';
import type { RevocationEvent } from '../revocation/revocation-event.js';
import type { DecisionEvent } from './decision-event.js';
import { recognise } from './known-event.js';

/** The part of a pino logger that is used. Child loggers, `PinoLogger` of nestjs-pino and bunyan fit as well. */
export interface EventLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Level = keyof EventLogger;

/**
 * Returns a function that writes one line for each event. Messages are made of fixed words and the handler's name. What a
 * token or an authority says stays in the event, which is one field.
 *
 * @param allowed whether allowed decisions are written too; those with a trial that would refuse always are
 */
export function logEvents(logger: EventLogger, allowed: boolean): (event: unknown) => unknown {
  return (given) => {
    const { type, event, otherVersion } = recognise(given);
    if (event === undefined) {
      const which = otherVersion ? ' of another version' : '';
      return logger[otherVersion ? 'warn' : 'info'](
        { event: given },
        `entra-guard: ${printable(type)} event${which}`,
      );
    }
    if (event.type === 'keys') return logger[keysLevel(event)]({ keys: event }, keysSentence(event));
    if (event.type === 'revocation') {
      return logger[revocationLevel(event)]({ revocation: event }, revocationSentence(event));
    }
    if (event.type === 'approval')
      return logger.info({ approval: event }, `entra-guard: approval ${event.change}`);
    if (event.outcome === 'allow' && event.trial === undefined && !allowed) return undefined;
    return logger[decisionLevel(event)]({ decision: event }, decisionSentence(event));
  };
}

function decisionLevel({ outcome, code }: DecisionEvent): Level {
  if (outcome === 'allow') return 'info';
  return isOurFault(code) ? 'error' : 'warn';
}

function decisionSentence({ outcome, code, handler, trial }: DecisionEvent): string {
  const why = code === undefined ? '' : ` ${code}`;
  const onTrial = trial === undefined ? '' : `, on trial deny ${trial.code}`;
  const place = handler === undefined ? '' : ` at ${printable(handler)}`;
  return `entra-guard: ${outcome}${why}${onTrial}${place}`;
}

/** An error is what leaves requests without keys: they are answered 503. */
function keysLevel(event: KeyEvent): Level {
  switch (event.change) {
    case 'refreshed':
      return 'info';
    case 'failed':
      return event.trustedUntil === undefined ? 'error' : 'warn';
    case 'removed':
      return ({ unpublished: 'info', replaced: 'warn', expired: 'error' } as const)[event.why];
    default:
      return 'warn';
  }
}

function keysSentence({ change, document }: KeyEvent): string {
  return `entra-guard: ${document} ${change}`;
}

/** An error is what may let in a caller who is revoked, or refuses one who is not. */
function revocationLevel({ change }: RevocationEvent): Level {
  return change === 'stale' ? 'error' : 'info';
}

function revocationSentence(event: RevocationEvent): string {
  if (event.change === 'stale') return `entra-guard: revocations stale, ${event.whenStale}`;
  if (event.change === 'fresh') return 'entra-guard: revocations fresh';
  return `entra-guard: revocation ${event.change}`;
}
