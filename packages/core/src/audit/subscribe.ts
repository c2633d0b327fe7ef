import { type DecisionEvent, onDecision } from '../decision/audit.js';

/**
 * As {@link onDecision}, for listeners that call other people's code. `node:diagnostics_channel` keeps an exception away
 * from the request and then throws it as an uncaught one, which ends the process; here it becomes one warning of the
 * process, the first time, so that a broken audit trail neither takes the API down nor goes unnoticed.
 */
export function subscribe(name: string, listener: (event: DecisionEvent) => void): () => void {
  let failed = false;
  return onDecision((event) => {
    try {
      listener(event);
    } catch (error) {
      if (failed) return;
      failed = true;
      const reason = error instanceof Error ? error.message : String(error);
      process.emitWarning(`${name} failed and loses audit events: ${reason}`, {
        type: 'EntraGuardWarning',
        code: 'ENTRA_GUARD_AUDIT',
      });
    }
  });
}
