import type { JsonObject } from '../base/json-object.js';
import type { ApprovalRecord } from '../options/approvals.js';

/** A request for an approval as those see it who may approve: times in ISO 8601. */
export function approvalJson(record: ApprovalRecord): JsonObject {
  const { id, operation, of, clientId, blueprintId, kind, objectId, state } = record;
  return {
    id,
    operation,
    of: JSON.parse(of),
    agent: { clientId, ...(blueprintId === undefined ? {} : { blueprintId }) },
    ...(kind === 'user' && objectId !== undefined ? { person: { objectId } } : {}),
    requestedAt: new Date(record.requestedAt).toISOString(),
    expiresAt: new Date(record.expiresAt).toISOString(),
    state,
  };
}
