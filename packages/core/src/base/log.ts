import type { ErrorCode } from './code-status.js';
import { printable } from './printable.js';

/** One entry of the log, for operators. Holds no token, and no personal data except identifiers. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /**
   * `refused`: a request was refused; `keys`: about signing keys; `revocations`: about the store of revocations; `downstream`:
   * about calls of other APIs; `upstream`: about applications behind the proxy; `feed`: about what tells of leavers;
   * `configuration`: a mistake to correct.
   */
  readonly event: 'refused' | 'keys' | 'revocations' | 'downstream' | 'upstream' | 'feed' | 'configuration';
  readonly message: string;
  readonly code?: ErrorCode;
  /** What to change, and where. */
  readonly hint?: string;
  /** What the application's code threw, if that is the reason. */
  readonly cause?: string;
  /** The route or handler. */
  readonly handler?: string;
  /** How many entries of this kind were left out since the last one was written. */
  readonly suppressed?: number;
  /** Team and contact from the `owner` option. */
  readonly owner?: string;
  /** Who was refused, as the verified token says. Absent if no token was verified. */
  readonly who?: RefusedCaller;
  /** The correlation ID in the audit event of the refusal. Present only together with {@link who}. */
  readonly correlationId?: string;
  /** The record of revocations that has refused the caller. */
  readonly revocation?: { readonly id: string; readonly because: string; readonly source?: string };
}

/** Who was refused. Identifiers only. */
export interface RefusedCaller {
  readonly kind: 'user' | 'app';
  /** The client application's ID. */
  readonly clientId: string;
  /** The user or app: `AuthContext.subjectKey`. */
  readonly subjectKey: string;
  readonly tenantId: string;
}

/** Receives {@link LogEntry}s. Errors that it throws are ignored: a broken log must not decide about requests. */
export type LogSink = (entry: LogEntry) => void;

/** Writes all of an entry in one line, for sinks that write text. */
export function entryLine(entry: LogEntry): string {
  const suppressed = entry.suppressed ? ` (and ${entry.suppressed} more like it)` : '';
  const { who, revocation } = entry;
  const parts = [
    `${entry.message}${suppressed}`,
    entry.cause && `cause: ${entry.cause}`,
    entry.handler && `at ${entry.handler}`,
    entry.hint,
    who && `client: ${who.clientId}, ${who.kind}: ${who.subjectKey}, tenant: ${who.tenantId}`,
    revocation && revocationLine(revocation),
    entry.correlationId && `correlation ID: ${entry.correlationId}`,
    entry.owner && `owner: ${entry.owner}`,
  ];
  return parts.filter(Boolean).join(' | ');
}

function revocationLine({ id, because, source }: NonNullable<LogEntry['revocation']>): string {
  return `revocation: ${id} (${because})${source === undefined ? '' : `, source: ${source}`}`;
}

/** Writes warnings and errors to `console`, one line each. */
export const consoleLog: LogSink = (entry) => {
  if (entry.level !== 'info') console[entry.level](`entra-guard: ${entryLine(entry)}`);
};

const WINDOW = 60_000;
const MAX_KINDS = 500;

/** Admits a fixed number of entries of each kind per minute, and counts the rest. */
class Budget {
  readonly #perWindow: number;
  readonly #windows = new Map<string, { start: number; spent: number; left: number }>();

  constructor(perWindow: number) {
    this.#perWindow = perWindow;
  }

  /** Returns how many of the kind were left out since the last admitted one; `undefined` if this one is left out too. */
  take(kind: string, at: number): number | undefined {
    let window = this.#windows.get(kind);
    if (window === undefined) {
      if (this.#windows.size >= MAX_KINDS) this.#windows.clear();
      window = { start: at, spent: 0, left: 0 };
      this.#windows.set(kind, window);
    } else if (at - window.start >= WINDOW || at < window.start) {
      window.start = at;
      window.spent = 0;
    }
    if (window.spent >= this.#perWindow) {
      window.left++;
      return undefined;
    }
    window.spent++;
    const { left } = window;
    window.left = 0;
    return left;
  }

  /** Counts an entry as left out that was admitted here, but not by the other budget. */
  giveBack(kind: string, left: number): void {
    const window = this.#windows.get(kind) as { left: number };
    window.left += left;
  }
}

/** @param more gives the rest of the entry; called only if the entry is written */
export type LimitedLog = (entry: LogEntry, more?: () => Partial<LogEntry>) => void;

/**
 * Wraps a sink so that entries of one kind (event, code, handler) come at most five times a minute, and of one event
 * and code at most fifty times, however many handlers there are: an attacker who sends a million invalid tokens can't
 * fill the disk. Never throws.
 */
export function limitedLog(sink: LogSink | false, now: () => number): LimitedLog {
  if (sink === false) return () => {};
  const perHandler = new Budget(5);
  const perCode = new Budget(50);
  return (entry, more) => {
    const at = now();
    const code = `${entry.event} ${entry.code ?? ''}`;
    const kind = `${code} ${entry.handler ?? ''}`;
    const left = perHandler.take(kind, at);
    if (left === undefined) return;
    const leftOfCode = perCode.take(code, at);
    if (leftOfCode === undefined) {
      perHandler.giveBack(kind, left + 1);
      return;
    }
    const suppressed = Math.max(left, leftOfCode);
    const full = more === undefined ? entry : { ...entry, ...more() };
    write(sink, suppressed > 0 ? { ...full, suppressed } : full);
  };
}

/** Escapes what came from outside, and passes the entry to the sink. Ignores what the sink throws. */
function write(sink: LogSink, entry: LogEntry): void {
  const { message, hint, handler, who, revocation } = entry;
  const escaped = {
    ...entry,
    message: printable(message, 2000),
    ...(hint === undefined ? {} : { hint: printable(hint, 2000) }),
    ...(handler === undefined ? {} : { handler: printable(handler) }),
    ...(who === undefined ? {} : { who: escapedCaller(who) }),
    ...(revocation === undefined ? {} : { revocation: escapedRevocation(revocation) }),
  };
  try {
    // A sink may be an async function, although its type does not allow one. If it rejects, only the entry is lost.
    Promise.resolve<unknown>(sink(escaped)).catch(() => {});
  } catch {
    // The sink threw: only the entry is lost.
  }
}

/** They are the operator's, but may have come from another process or an application's own store. */
function escapedRevocation({ id, because, source }: NonNullable<LogEntry['revocation']>) {
  const told = source === undefined ? {} : { source: printable(source) };
  return { id: printable(id), because: printable(because, 500), ...told };
}

function escapedCaller({ kind, clientId, subjectKey, tenantId }: RefusedCaller): RefusedCaller {
  return {
    kind,
    clientId: printable(clientId),
    subjectKey: printable(subjectKey, 600),
    tenantId: printable(tenantId),
  };
}
