import type { HealthPart } from '../base/health.js';

/** Who may approve, as the requirement says. */
export interface ApproverRule {
  /** The requirement that approvers satisfy, as `JSON.stringify` writes it. `undefined`: the person acted for approves. */
  readonly by: string | undefined;
  /** Whether the person acted for may approve too, if that person satisfies `by`. */
  readonly self: boolean;
}

/** What an approval is bound to: it is good for a call in which all of this is the same, and for no other. */
export interface ApprovalBinding {
  /** The tenant of the caller, a GUID in lower case. Approvers are of it, too. */
  readonly tenantId: string;
  /** `subjectKey` of the person acted for, or of the app that acts as itself. */
  readonly subjectKey: string;
  /** The client application: the agent. */
  readonly clientId: string;
  /** What is to be done, by the name that the requirement gives it. */
  readonly operation: string;
  /** SHA-256 of what is approved in canonical JSON (RFC 8785), as base64url. */
  readonly digest: string;
  readonly approver: ApproverRule;
}

/** What a caller asks for. */
export interface ApprovalRequest extends ApprovalBinding {
  /** What is approved, in canonical JSON: what the digest is of, and the only thing that is shown to approvers. */
  readonly of: string;
  /** Whether the caller is a person's client, or an app that acts as itself. */
  readonly kind: 'user' | 'app';
  /** The object ID of the person or of the service principal. */
  readonly objectId: string | undefined;
  /** The blueprint of the agent, as the token names it. */
  readonly blueprintId: string | undefined;
}

/** Who has decided, as a verified token says. */
export interface Approver {
  readonly kind: 'user';
  readonly tenantId: string;
  readonly objectId: string | undefined;
  readonly clientId: string;
  readonly subjectKey: string;
}

/** One request for an approval, and what became of it. Immutable. Times are milliseconds since the epoch. */
export interface ApprovalRecord extends ApprovalRequest {
  /** Random, of 192 bits, as base64url. Knowing it allows nothing. */
  readonly id: string;
  readonly requestedAt: number;
  /** When it ends, whatever its state is: what was shown is gone by then. */
  readonly expiresAt: number;
  readonly state: 'pending' | 'approved' | 'denied';
  /** Who has approved or denied; `undefined` while it is pending. */
  readonly decidedBy: Approver | undefined;
}

/** What {@link ApprovalStore.claim} found. */
export type ApprovalClaim =
  /** It was approved, and this call has used it up. */
  | { readonly state: 'used'; readonly record: ApprovalRecord }
  /** It waits for a decision; `made` if it is new. */
  | { readonly state: 'pending'; readonly record: ApprovalRecord; readonly made: boolean }
  | { readonly state: 'denied'; readonly record: ApprovalRecord }
  /** As many requests as are allowed wait already. The first of them ends at `until`. */
  | { readonly state: 'full'; readonly until: number };

/** A decision about a record. */
export interface ApprovalVerdict {
  readonly state: 'approved' | 'denied';
  readonly by: Approver;
}

/** What {@link ApprovalStore.decide} did. */
export interface ApprovalDecided {
  /** The record as it is now. It may be one that was denied before, which nothing changes. */
  readonly record: ApprovalRecord;
  /** Whether this call has changed it. */
  readonly changed: boolean;
}

/**
 * Where approvals are kept: the setting `approvals` of a guard. Made by `memoryApprovals()`, by `redisApprovals(...)` of
 * `@entra-guard/redis`, or by the application. What a method rejects with refuses the request with 503 `approvals_unavailable`.
 */
export interface ApprovalStore {
  /** Whether other processes share the records. */
  readonly shared: boolean;
  /**
   * Uses up the approval of a binding if there is one; else returns the record that there is, or makes one. In one step: of two
   * calls at the same time one uses an approval up. A record keeps its ID until it ends. Of one caller (tenant, `subjectKey` and
   * `clientId`) at most `most` may be pending.
   *
   * @param validForMs when a new record ends, in milliseconds from now
   */
  claim(
    request: ApprovalRequest,
    limits: { readonly validForMs: number; readonly most: number },
  ): Promise<ApprovalClaim>;
  /** Returns a record; `undefined` if there is none, it was used up, or it has ended. */
  find(id: string): Promise<ApprovalRecord | undefined>;
  /**
   * Approves or denies. What is pending can be approved, what is pending or approved can be denied, and what is denied stays so.
   *
   * @returns `undefined` if there is no such record, it was used up, or it has ended
   */
  decide(id: string, verdict: ApprovalVerdict): Promise<ApprovalDecided | undefined>;
  /** Returns the address of the page where a person approves. Default: that of the routes, or none. */
  approveUrl?(id: string): string;
  health(): HealthPart;
  /** Ends timers and connections. Idempotent. */
  close(): Promise<void>;
}
