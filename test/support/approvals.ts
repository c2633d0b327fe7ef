import { createHash } from 'node:crypto';
import type { ApprovalRequest, Approver } from '@entra-guard/core';
import { ADA, SPA, TENANT } from './forger.js';

/** What is approved, in canonical JSON. */
export const PAYMENT = '{"amount":120,"to":"NL91ABNA0417164300"}';

/** Ada's agent asks to release a payment. */
export function approvalRequest(changes: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const { of = PAYMENT } = changes;
  return {
    tenantId: TENANT,
    subjectKey: `${TENANT}/${ADA}`,
    clientId: SPA,
    operation: 'payments.release',
    digest: createHash('sha256').update(of).digest('base64url'),
    approver: { by: undefined, self: false },
    of,
    kind: 'user',
    objectId: ADA,
    blueprintId: undefined,
    ...changes,
  };
}

/** Ada herself. */
export const APPROVER: Approver = Object.freeze({
  kind: 'user',
  tenantId: TENANT,
  objectId: ADA,
  clientId: SPA,
  subjectKey: `${TENANT}/${ADA}`,
});

export const TEN_MINUTES = 600_000;
export const LIMITS = { validForMs: TEN_MINUTES, most: 5 } as const;

/** What makes another binding of a request: an approval of the one is none of the other. */
export const OTHER_BINDINGS: readonly (readonly [string, Partial<ApprovalRequest>])[] = [
  ['other arguments', { of: '{"amount":121,"to":"NL91ABNA0417164300"}' }],
  ['another operation', { operation: 'payments.refund' }],
  ['an operation called __proto__', { operation: '__proto__' }],
  ['another agent', { clientId: '99992222-bbbb-3333-cccc-4444dddd5555' }],
  ['another person', { subjectKey: `${TENANT}/99999999-0000-1111-2222-bbbbbbbbbbbb` }],
  ['another tenant', { tenantId: 'bbbbcccc-1111-dddd-2222-eeee3333ffff' }],
  ['other approvers', { approver: { by: '{"requirement":{}}', self: false } }],
  ['approvers of whom the person may be one', { approver: { by: undefined, self: true } }],
];
