import { describe, expect, it } from 'vitest';
import { APPROVER, approvalRequest } from '../../../../test/support/approvals.js';
import { NOW } from '../../../../test/support/forger.js';
import { approvalText, readApproval } from '../../src/approvals/record-text.js';
import type { ApprovalRecord } from '../../src/index.js';

const record = (changes: Partial<ApprovalRecord> = {}): ApprovalRecord => ({
  ...approvalRequest(),
  id: 'an ID',
  requestedAt: NOW,
  expiresAt: NOW + 1000,
  state: 'pending',
  decidedBy: undefined,
  ...changes,
});
const members = (changes: object, of = record()) =>
  JSON.stringify({ ...JSON.parse(approvalText(of, '1.2.3')), ...changes });

describe('an approval as text', () => {
  it.each<[string, Partial<ApprovalRecord>]>([
    ['that is pending', {}],
    ['that is approved', { state: 'approved', decidedBy: APPROVER }],
    ['that is denied', { state: 'denied', decidedBy: { ...APPROVER, objectId: undefined } }],
    ['for others to decide', { approver: { by: '{"requirement":{"kind":"scopes"}}', self: true } }],
    ['of an app', { kind: 'app', objectId: undefined, blueprintId: 'blueprint' }],
  ])('%s comes back as it was', (_, changes) => {
    const text = approvalText(record(changes), '1.2.3');
    expect(readApproval(text)).toEqual({ state: 'record', record: record(changes) });
    expect(JSON.parse(text)).toMatchObject({ v: 1, w: '1.2.3' });
  });

  it('may have members that this release does not know', () => {
    expect(readApproval(members({ until: 'noon' }))).toEqual({ state: 'record', record: record() });
  });

  it.each<[string, object]>([
    ['a newer version', { v: 2 }],
    ['no version', { v: undefined }],
    ['no ID', { id: undefined }],
    ['no tenant', { tenantId: 7 }],
    ['no person', { subjectKey: null }],
    ['no agent', { clientId: {} }],
    ['no operation', { operation: undefined }],
    ['nothing that is approved', { of: undefined }],
    ['the digest of something else', { digest: 'x' }],
    ['something else that is shown', { of: '{"amount":1}' }],
    ['an unknown kind of caller', { kind: 'agent' }],
    ['an object ID that is not text', { objectId: 1 }],
    ['a blueprint that is not text', { blueprintId: 1 }],
    ['no time', { requestedAt: '2026' }],
    ['no end', { expiresAt: null }],
    ['an end outside of time', { expiresAt: 1e300 }],
    ['an unknown state', { state: 'used' }],
    ['an unknown rule', { by: {} }],
    ['a rule without self', { self: undefined }],
    ['an approval by no person', { state: 'approved' }],
    ['a denial by no person', { state: 'denied', decidedBy: 'Ada' }],
    ['an approval by an app', { state: 'approved', decidedBy: { ...APPROVER, kind: 'app' } }],
    ['an approver without a tenant', { state: 'approved', decidedBy: { ...APPROVER, tenantId: 1 } }],
    ['a decision while it is pending', { decidedBy: APPROVER }],
  ])('with %s can not be read', (_, changes) => {
    expect(readApproval(members(changes))).toEqual({ state: 'unreadable', writer: '1.2.3' });
  });

  it.each(['', 'x', '[]', '{}', members({ v: 2, w: 3 })])('that is %s can not be read', (text) => {
    expect(readApproval(text)).toEqual({ state: 'unreadable', writer: undefined });
  });
});
