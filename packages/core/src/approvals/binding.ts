import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.js';
import type {
  ApprovalBinding,
  ApprovalDecided,
  ApprovalRecord,
  ApprovalRequest,
  ApprovalVerdict,
} from '../options/approvals.js';

/** Returns a text that two bindings have in common only if they are the same. For the name of a key. */
export function bindingText(binding: ApprovalBinding): string {
  const { operation, digest, approver } = binding;
  return textOf([...partsOfRequester(binding), operation, digest, approver.by ?? null, approver.self]);
}

/** Returns a text that two callers have in common only if they are the same. For the number of pending requests. */
export function requesterText(binding: ApprovalBinding): string {
  return textOf(partsOfRequester(binding));
}

const partsOfRequester = ({ tenantId, subjectKey, clientId }: ApprovalBinding): readonly string[] => [
  tenantId,
  subjectKey,
  clientId,
];

/** Unlike `JSON.stringify`, it asks no `toJSON` of a prototype, which could give all bindings one text. */
function textOf(parts: readonly (string | boolean | null)[]): string {
  const text = canonicalJson(parts);
  if (text !== undefined) return text;
  throw new TypeError('The binding of an approval has text with half a character.');
}

/** Makes the record of a new request. */
export function pendingRecord(request: ApprovalRequest, validForMs: number, now: number): ApprovalRecord {
  return Object.freeze({
    ...request,
    id: randomBytes(24).toString('base64url'),
    requestedAt: now,
    expiresAt: now + validForMs,
    state: 'pending',
    decidedBy: undefined,
  });
}

/** Returns what a verdict makes of a record: what was denied stays so. */
export function decidedRecord(record: ApprovalRecord, { state, by }: ApprovalVerdict): ApprovalDecided {
  if (record.state === 'denied' || record.state === state) return { record, changed: false };
  return { record: Object.freeze({ ...record, state, decidedBy: by }), changed: true };
}
