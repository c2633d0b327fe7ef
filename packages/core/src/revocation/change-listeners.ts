import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { thrownLine } from '../base/thrown.js';
import type { RevocationChange } from '../options/revocations.js';

type Listener = (change: RevocationChange) => void;

/** The listeners of a store's changes. What one throws is told to the process, and keeps no other from hearing. */
export class ChangeListeners {
  readonly #listeners = new Set<{ readonly hear: Listener }>();

  /** @throws ConfigurationError for anything but a function */
  add(hear: Listener): () => void {
    if (typeof hear !== 'function') {
      throw new ConfigurationError(`onChange(...) was given ${printable(hear)}.`, 'Pass a function.');
    }
    const entry = { hear };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  tell(change: RevocationChange): void {
    for (const { hear } of [...this.#listeners]) {
      try {
        hear(change);
      } catch (error) {
        process.emitWarning(`A listener of revocations threw, and was ignored: ${thrownLine(error)}`, {
          type: 'EntraGuardWarning',
          code: 'ENTRA_GUARD_REVOCATIONS',
        });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
