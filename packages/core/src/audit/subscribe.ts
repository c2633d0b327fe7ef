import { type DecisionEvent, onDecision } from './decision-event.js';

/**
 * As {@link onDecision}, for listeners that call other people's code. A logger or meter that throws changes no decision,
 * but a broken audit trail must not go unnoticed either: the first time, the process is warned (`ENTRA_GUARD_AUDIT`).
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
