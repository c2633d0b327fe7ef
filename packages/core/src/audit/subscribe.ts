import { type DecisionEvent, onDecision } from './decision-event.js';

/**
 * Like {@link onDecision}, for listeners that call a logger or a meter. If that throws, no decision changes, but audit
 * events are lost: the first time, emits a process warning (`ENTRA_GUARD_AUDIT`).
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
