import type { LogEntry } from '../base/log.js';
import type { Revocations } from '../options/revocations.js';

const told = new WeakSet<Revocations>();

/** Warns once of a store that other processes do not share, if `NODE_ENV` is `production`. */
export function warnOfUnshared(revocations: Revocations, log: (entry: LogEntry) => void): void {
  if (process.env.NODE_ENV !== 'production' || revocations.shared || revocations.oneProcess === true) return;
  if (told.has(revocations)) return;
  told.add(revocations);
  log({
    level: 'warn',
    event: 'configuration',
    message: 'The revocations are in the memory of this process: others go on accepting who is revoked here.',
    hint: 'Share them by redisRevocations(...) of @entra-guard/redis. If there is only one process: memoryRevocations({ oneProcess: true }).',
  });
}
