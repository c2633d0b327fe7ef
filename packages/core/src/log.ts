import type { ErrorCode } from './errors.js';

/** One thing an operator may want to know. Holds no token and no personal data beyond identifiers. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /** `refused`: a request was turned away; `keys`: signing keys; `configuration`: something to put right. */
  readonly event: 'refused' | 'keys' | 'configuration';
  readonly message: string;
  readonly code?: ErrorCode;
  /** What to change, and where. */
  readonly hint?: string;
  /** The route or handler. */
  readonly handler?: string;
  /** How many entries like this one were left out since the last one that was written. */
  readonly suppressed?: number;
  /** Team and contact from the `owner` option. */
  readonly owner?: string;
}

/** Receives {@link LogEntry}s. What it throws is ignored: a broken log must not decide about requests. */
export type LogSink = (entry: LogEntry) => void;

/** Writes warnings and errors to `console`, one line each. */
export const consoleLog: LogSink = (entry) => {
  if (entry.level === 'info') return;
  const suppressed = entry.suppressed ? ` (and ${entry.suppressed} more like it)` : '';
  const parts = [
    `entra-guard: ${entry.message}${suppressed}`,
    entry.handler && `at ${entry.handler}`,
    entry.hint,
    entry.owner && `owner: ${entry.owner}`,
  ];
  console[entry.level](parts.filter(Boolean).join(' | '));
};

const WINDOW = 60_000;
const PER_WINDOW = 5;
const MAX_KINDS = 500;

/**
 * Wraps a sink so that entries of one kind (event, code, handler) come at most five times a minute: whoever sends a
 * million bad tokens can't fill the disk. Never throws.
 */
export function limitedLog(sink: LogSink | false, now: () => number): LogSink {
  if (sink === false) return () => {};
  const windows = new Map<string, { start: number; written: number; suppressed: number }>();
  return (entry) => {
    const kind = `${entry.event} ${entry.code ?? ''} ${entry.handler ?? ''}`;
    let window = windows.get(kind);
    const at = now();
    if (window === undefined) {
      if (windows.size >= MAX_KINDS) windows.clear();
      window = { start: at, written: 0, suppressed: 0 };
      windows.set(kind, window);
    } else if (at - window.start >= WINDOW || at < window.start) {
      window.start = at;
      window.written = 0;
    }
    if (window.written >= PER_WINDOW) {
      window.suppressed++;
      return;
    }
    window.written++;
    const suppressed = window.suppressed;
    window.suppressed = 0;
    try {
      sink(suppressed > 0 ? { ...entry, suppressed } : entry);
    } catch {
      // The entry is lost, the request is not.
    }
  };
}
