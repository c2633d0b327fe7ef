import type { Health } from '../base/health.js';
import type { LogEntry } from '../base/log.js';
import { withStore } from '../base/store-health.js';
import { readRevocations } from '../options/guard-settings.js';
import type { Revocations } from '../options/revocations.js';
import { RevocationJudge } from '../revocation/judge.js';
import { warnOfUnshared } from '../revocation/unshared.js';
import type { Identification } from './identification.js';
import { revocable } from './revocable.js';

/** The revocations of a guard: those that it was given, or else those of its validator. */
export class GuardRevocations {
  readonly store: Revocations | undefined;
  /** Those that the validator does not judge by. */
  readonly #own: Revocations | undefined;

  /**
   * @param given the setting of the guard
   * @param ofValidator the setting of its validator
   * @throws ConfigurationError
   */
  constructor(given: unknown, ofValidator: Revocations | undefined) {
    this.store = readRevocations(given) ?? ofValidator;
    this.#own = this.store === ofValidator ? undefined : this.store;
  }

  /** Judges callers by what the validator does not have. */
  judging(
    identification: Identification,
    now: () => number,
    warn: (entry: LogEntry) => void,
  ): Identification {
    if (this.#own === undefined) return identification;
    warnOfUnshared(this.#own, warn);
    return revocable(identification, new RevocationJudge(this.#own, now));
  }

  /** @param ofValidator what the validator tells */
  health(ofValidator: Health): Health {
    return withStore(ofValidator, 'revocations', this.#own);
  }
}
