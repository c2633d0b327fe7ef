import { consoleLog, type LogSink } from '@entra-guard/core';

const told = new WeakMap<object, Set<string>>();

/**
 * Warns of a setting once for each log, because some applications build a strategy for each request.
 *
 * @param identity identifies the log: the application's sink, if there is one
 */
export function warnOnce(sink: LogSink, identity: object | undefined, message: string, hint: string): void {
  const heard = told.get(identity ?? consoleLog) ?? new Set();
  told.set(identity ?? consoleLog, heard);
  if (heard.has(message)) return;
  heard.add(message);
  sink({ level: 'warn', event: 'configuration', message, hint });
}
