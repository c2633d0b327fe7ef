import type { ErrorCode, EventBase } from '@entra-guard/core';

declare module '@entra-guard/core' {
  interface EventTypes {
    downstream: DownstreamEvent;
  }
}

/** A token for another API was given, or refused. Holds no token, no claims request, and no path. */
export interface DownstreamEvent extends EventBase {
  readonly type: 'downstream';
  /** The name of the other API in the options. */
  readonly api: string;
  /**
   * For whom: a caller, this API itself, the managed identity of the machine, the user of a ticket, or an agent identity as itself, for a
   * caller, or through its own user account.
   */
  readonly kind:
    | 'caller'
    | 'app'
    | 'managed-identity'
    | 'ticket'
    | 'agent'
    | 'agent-for-caller'
    | 'agent-user';
  /** The agent identity, if one acts. */
  readonly agentId?: string;
  /** The user on whose behalf it is; absent for this API itself. */
  readonly who?: { readonly subjectKey: string; readonly tenantId: string; readonly clientId: string };
  readonly scopes: readonly string[];
  readonly outcome: 'allow' | 'deny';
  /** From where the token, or the refusal, came. Absent where there was no answer. */
  readonly source?: 'memory' | 'store' | 'exchange';
  /** Whether another API has demanded more than the usual (Entra: claims challenges). */
  readonly demanded: boolean;
  readonly code?: ErrorCode;
  /** Entra's number for the reason, as in AADSTS65001. */
  readonly aadsts?: number;
  /** The ID by which Entra's support finds the request; only where Entra was asked. */
  readonly correlationId?: string;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}
