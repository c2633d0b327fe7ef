import type { LogEntry, LogSink } from '@entra-guard/core';
import { Logger } from '@nestjs/common';

/** The default log: Nest's own logger, one line an entry. */
export function nestLog(): LogSink {
  const logger = new Logger('EntraGuard');
  return (entry) => {
    logger[entry.level === 'info' ? 'log' : entry.level](lineOf(entry));
  };
}

function lineOf(entry: LogEntry): string {
  const suppressed = entry.suppressed ? ` (and ${entry.suppressed} more like it)` : '';
  const parts = [
    `${entry.message}${suppressed}`,
    entry.cause && `cause: ${entry.cause}`,
    entry.handler && `at ${entry.handler}`,
    entry.hint,
    entry.owner && `owner: ${entry.owner}`,
  ];
  return parts.filter(Boolean).join(' | ');
}
