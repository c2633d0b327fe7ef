import type { ErrorCode, EventBase, Who } from '@entra-guard/core';

declare module '@entra-guard/core' {
  interface EventTypes {
    comparison: DisagreementEvent;
  }
}

/** A request that this strategy and the other one decided differently. Contains no token. */
export interface DisagreementEvent extends EventBase {
  readonly type: 'comparison';
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
