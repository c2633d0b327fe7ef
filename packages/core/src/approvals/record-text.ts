import { textDigest } from '../base/canonical-json.js';
import { isJsonObject, type JsonObject, parseJsonText } from '../base/json-object.js';
import { ownMembers } from '../base/own-member.js';
import type { ApprovalRecord, Approver, ApproverRule } from '../options/approvals.js';

/** The version of the format. It changes only if a member changes its meaning; members may be added without. */
const VERSION = 1;

/** What another process has written. */
export type ReadApproval =
  | { readonly state: 'record'; readonly record: ApprovalRecord }
  /** Written by another release, or damaged. Refuses, and is told in health. */
  | { readonly state: 'unreadable'; readonly writer: string | undefined };

/**
 * Writes a record for other processes, as JSON in one line. It holds what is approved: seal it before it leaves the process.
 *
 * @param writer the version of the package that writes
 */
export function approvalText(record: ApprovalRecord, writer: string): string {
  const { id, tenantId, subjectKey, clientId, operation, digest, approver, of } = record;
  const { kind, objectId, blueprintId, requestedAt, expiresAt, state, decidedBy } = record;
  return JSON.stringify({
    v: VERSION,
    w: writer,
    id,
    tenantId,
    subjectKey,
    clientId,
    operation,
    digest,
    by: approver.by,
    self: approver.self,
    of,
    kind,
    objectId,
    blueprintId,
    requestedAt,
    expiresAt,
    state,
    decidedBy,
  });
}

/** Reads what {@link approvalText} has written, also in later releases of the same version. */
export function readApproval(text: string): ReadApproval {
  const members = parseJsonText(text);
  if (members === undefined) return { state: 'unreadable', writer: undefined };
  const record = recordIn(members);
  if (record !== undefined) return { state: 'record', record };
  return { state: 'unreadable', writer: isText(members.w) ? members.w : undefined };
}

function recordIn(members: JsonObject): ApprovalRecord | undefined {
  const { v, id, tenantId, subjectKey, clientId, operation, digest, of } = members;
  const { kind, objectId, blueprintId, requestedAt, expiresAt, state } = members;
  const approver = ruleIn(members);
  const decidedBy = approverIn(members.decidedBy);
  const isWhole =
    v === VERSION &&
    isText(id) &&
    isText(tenantId) &&
    isText(subjectKey) &&
    isText(clientId) &&
    isText(operation) &&
    isText(of) &&
    digest === textDigest(of) &&
    (kind === 'user' || kind === 'app') &&
    isTextOrNone(objectId) &&
    isTextOrNone(blueprintId) &&
    isTime(requestedAt) &&
    isTime(expiresAt) &&
    (state === 'pending' || state === 'approved' || state === 'denied') &&
    approver !== undefined &&
    // A decision that no person has made is none.
    (state === 'pending' ? members.decidedBy === undefined : decidedBy !== undefined);
  if (!isWhole) return undefined;
  const binding = { tenantId, subjectKey, clientId, operation, digest, approver };
  const times = { requestedAt, expiresAt };
  return Object.freeze({ id, ...binding, of, kind, objectId, blueprintId, ...times, state, decidedBy });
}

function ruleIn({ by, self }: JsonObject): ApproverRule | undefined {
  return isTextOrNone(by) && typeof self === 'boolean' ? Object.freeze({ by, self }) : undefined;
}

function approverIn(given: unknown): Approver | undefined {
  if (!isJsonObject(given)) return undefined;
  const { kind, tenantId, objectId, clientId, subjectKey } = ownMembers(given);
  const isWhole =
    kind === 'user' && isText(tenantId) && isText(clientId) && isText(subjectKey) && isTextOrNone(objectId);
  return isWhole ? Object.freeze({ kind, tenantId, objectId, clientId, subjectKey }) : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNone = (value: unknown): value is string | undefined => value === undefined || isText(value);
const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 8.64e15;
