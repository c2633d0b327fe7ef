import type { ApprovalEvent } from '../approvals/approval-event.js';
import type { KeyEvent } from '../keys/documents/key-events.js';
import type { RevocationEvent } from '../revocation/revocation-event.js';
import type { DecisionEvent } from './decision-event.js';

type KnownEvent = DecisionEvent | KeyEvent | RevocationEvent | ApprovalEvent;

/** The type of an event, and the event itself if this release knows its type and version. */
export interface Recognised {
  readonly type: string;
  readonly event: KnownEvent | undefined;
  /** Whether the type is known, and only the version is not. */
  readonly otherVersion: boolean;
}

const KNOWN: ReadonlySet<string> = new Set<KnownEvent['type']>([
  'decision',
  'keys',
  'revocation',
  'approval',
]);

/** Recognises an event. Others may come from another release or package, and are counted and not interpreted. */
export function recognise(event: unknown): Recognised {
  const { v, type } = Object(event) as { readonly v?: unknown; readonly type?: unknown };
  const name = typeof type === 'string' ? type : 'unknown';
  if (!KNOWN.has(name)) return { type: name, event: undefined, otherVersion: false };
  if (v !== 1) return { type: name, event: undefined, otherVersion: true };
  return { type: name, event: event as KnownEvent, otherVersion: false };
}
