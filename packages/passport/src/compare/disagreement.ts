import type { ErrorCode, Who } from '@entra-guard/core';
import { EventChannel } from '@entra-guard/core/migration';

/** The name of the `node:diagnostics_channel` that carries {@link DisagreementEvent}s. */
export const COMPARISON_CHANNEL = 'entra-guard:comparison';

/** A request about which the two did not agree. Holds no token. */
export interface DisagreementEvent {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The route. */
  readonly handler: string;
  /** Whose answer counted. */
  readonly answeredBy: 'entra-guard' | 'other';
  readonly entraGuard: {
    readonly outcome: 'allow' | 'deny' | 'error';
    /** Why not; absent when allowed. */
    readonly code?: ErrorCode;
    /** What was found and expected, for operators. */
    readonly explanation?: string;
  };
  readonly other: {
    readonly outcome: 'allow' | 'deny' | 'error' | 'no_answer';
    /** What it said; bounded, and without anything that looks like a token. */
    readonly reason?: string;
  };
  /** Whose token it was, where its signature held. */
  readonly who?: Pick<Who, 'kind' | 'tenantId' | 'objectId' | 'clientId' | 'subjectKey'>;
  /** How many disagreements were left out since the last one that was published: at most sixty a minute are. */
  readonly suppressed: number;
}

const disagreements = new EventChannel<DisagreementEvent>(COMPARISON_CHANNEL);

/** Publishes one event, frozen. */
export function publish(event: DisagreementEvent): void {
  if (disagreements.listening) disagreements.publish(event);
}

/**
 * Calls `listener` with each disagreement of every strategy in this process that has `compareWith`. What it throws is
 * ignored.
 *
 * @returns a function that ends it
 */
export function onDisagreement(listener: (event: DisagreementEvent) => void): () => void {
  return disagreements.on(listener);
}
