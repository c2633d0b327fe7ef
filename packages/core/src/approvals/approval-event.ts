import { type EventBase, EventChannel } from '../base/event-channel.js';
import type { ApprovalRecord, Approver } from '../options/approvals.js';

/** Members of every {@link ApprovalEvent}. Never what was shown to the approver. */
export interface ApprovalEventBase extends EventBase {
  readonly type: 'approval';
  /** The ID of the approval. Decisions that it concerns have it as `approvalId`. */
  readonly id: string;
  readonly operation: string;
  /** SHA-256 of what is approved in canonical JSON (RFC 8785), as base64url. */
  readonly argumentsDigest: string;
  readonly tenantId: string;
  /** Who has asked. */
  readonly agent: { readonly clientId: string; readonly blueprintId?: string };
  /** For whom the agent acts: a person, or the agent itself. */
  readonly subject: {
    readonly kind: 'user' | 'app';
    readonly objectId: string | undefined;
    readonly subjectKey: string;
  };
}

/** A call needs an approval that there is not, and has asked for it. */
export interface ApprovalRequested extends ApprovalEventBase {
  readonly change: 'requested';
  /** When the request ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A person has approved or denied. An approval may be followed by a denial, as long as it was not used. */
export interface ApprovalDecision extends ApprovalEventBase {
  readonly change: 'given' | 'denied';
  /** Who has decided, as the verified token says. */
  readonly by: Approver;
}

/** A call was let in, and has used the approval up. */
export interface ApprovalUsed extends ApprovalEventBase {
  readonly change: 'used';
  readonly by: Approver;
}

/** What agents have asked people for, what became of it, and who has decided. Holds no token and no argument. */
export type ApprovalEvent = ApprovalRequested | ApprovalDecision | ApprovalUsed;

const channel = new EventChannel<ApprovalEvent>('approval');

/** What happened to a record. */
type Change =
  | Pick<ApprovalRequested, 'change'>
  | Pick<ApprovalDecision, 'change' | 'by'>
  | Pick<ApprovalUsed, 'change' | 'by'>;

/** Publishes what happened to a record, if there is a listener. */
export function tellApproval(record: ApprovalRecord, change: Change, time: number): void {
  if (!channel.listening) return;
  const { id, operation, digest, tenantId, clientId, blueprintId, kind, objectId, subjectKey } = record;
  const base = {
    v: 1,
    type: 'approval',
    time,
    id,
    operation,
    argumentsDigest: digest,
    tenantId,
    agent: { clientId, ...(blueprintId === undefined ? {} : { blueprintId }) },
    subject: { kind, objectId, subjectKey },
  } as const;
  if (change.change === 'requested') {
    channel.publish({ ...base, ...change, expiresAt: record.expiresAt });
  } else {
    channel.publish({ ...base, ...change });
  }
}
