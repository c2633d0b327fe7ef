import type { AuthContext } from '@entra-guard/core';
import { ticketSubject } from '@entra-guard/core/downstream';
import { parseJsonObject } from '../json-object.js';

/** The version of what is sealed. Another release may have written a ticket. */
const VERSION = 1;

/** What is sealed for a ticket. Times are milliseconds since the epoch. */
export interface TicketRecord {
  /** The name of the other API: a ticket is for it alone. */
  readonly api: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string;
  readonly tenantId: string;
  readonly subjectKey: string;
  /** The client application of the user. */
  readonly callerClientId: string;
  /** What revocations are asked about: `ticketSubject(auth)`. */
  readonly subject: unknown;
  /** Entra gives a new one at each use; the old one goes on for some time. */
  readonly refreshToken: string;
  readonly until: number;
  /** When revocations were asked about the user last. */
  readonly askedAt: number;
}

/** Begins the record of a user's ticket. */
export function recordFor(
  auth: AuthContext,
  facts: Pick<TicketRecord, 'api' | 'tokenUrl' | 'clientId' | 'scope' | 'refreshToken' | 'until' | 'askedAt'>,
): TicketRecord {
  const { tenantId, subjectKey, clientId } = auth;
  return { ...facts, tenantId, subjectKey, callerClientId: clientId, subject: ticketSubject(auth) };
}

export function formatRecord(record: TicketRecord): string {
  return JSON.stringify({ v: VERSION, ...record });
}

const TEXTS = [
  'api',
  'tokenUrl',
  'clientId',
  'scope',
  'tenantId',
  'subjectKey',
  'callerClientId',
  'refreshToken',
] as const;

/** @returns `undefined` for what is not a ticket of this release */
export function readRecord(text: string): TicketRecord | undefined {
  const parsed = parseJsonObject(text);
  if (parsed === undefined) return undefined;
  const { v, ...record } = parsed;
  const isRecord =
    v === VERSION &&
    TEXTS.every((name) => typeof record[name] === 'string' && record[name] !== '') &&
    [record.until, record.askedAt].every(Number.isFinite);
  return isRecord ? (record as unknown as TicketRecord) : undefined;
}
