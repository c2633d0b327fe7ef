import { entryLine, type LogSink } from '@entra-guard/core';
import { Logger } from '@nestjs/common';

/** The default log: Nest's own logger, one line an entry. */
export function nestLog(): LogSink {
  const logger = new Logger('EntraGuard');
  return (entry) => {
    logger[entry.level === 'info' ? 'log' : entry.level](entryLine(entry));
  };
}
