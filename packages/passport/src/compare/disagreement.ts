import type { ErrorCode, Who } from '@entra-guard/core';
import { EventChannel } from '@entra-guard/core/migration';

/** The name of the `node:diagnostics_channel` that carries {@link DisagreementEvent}s. */
export const COMPARISON_CHANNEL = 'entra-guard:comparison';

/** A request that this strategy and the other one decided differently. Contains no token. */
export interface DisagreementEvent {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The route. */
  readonly handler: string;
  /** Whose answer the caller got. */
  readonly answeredBy: 'entra-guard' | 'other';
  readonly entraGuard: {
    readonly outcome: 'allow' | 'deny' | 'error';
    /** Why the request was refused. Absent if it was allowed. */
    readonly code?: ErrorCode;
    /** What was found and expected. For operators, not for callers. */
    readonly explanation?: string;
  };
  readonly other: {
    readonly outcome: 'allow' | 'deny' | 'error' | 'no_answer';
    /** The reason it gave, shortened, and without anything that looks like a token. */
    readonly reason?: string;
  };
  /** The caller, if the token's signature is valid. */
  readonly who?: Pick<Who, 'kind' | 'tenantId' | 'objectId' | 'clientId' | 'subjectKey'>;
  /** Number of disagreements that were not published since the last one. At most sixty a minute are published. */
  readonly suppressed: number;
}

const disagreements = new EventChannel<DisagreementEvent>(COMPARISON_CHANNEL);

/** Publishes one event, frozen. */
export function publish(event: DisagreementEvent): void {
  if (disagreements.listening) disagreements.publish(event);
}

/**
 * Calls `listener` with each disagreement of every strategy in this process that has `compareWith`. Errors of the
 * listener are ignored.
 *
 * @returns a function that removes the listener
 */
export function onDisagreement(listener: (event: DisagreementEvent) => void): () => void {
  return disagreements.on(listener);
}
