import type { LogEntry, LogSink } from '@entra-guard/core';

/** Writes to a log that must not decide anything: what it throws is ignored. */
export function tell(log: LogSink | false, entry: Omit<LogEntry, 'level' | 'event'>): void {
  if (log === false) return;
  try {
    log({ level: 'warn', event: 'configuration', ...entry });
  } catch {
    // The server goes on without the entry.
  }
}
