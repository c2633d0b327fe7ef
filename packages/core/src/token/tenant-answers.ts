import type { TenantPredicate } from '../options/options.js';
import { askHook, hookFailed } from './user-hook.js';

const LIFETIME = 60_000;
/** In milliseconds: as long as callers are told to wait. */
const LIFETIME_OF_A_FAILURE = 5000;
const MAX_ANSWERS = 1000;

interface Answer {
  /** `undefined` if the function failed. */
  readonly accepted: boolean | undefined;
  readonly cause?: unknown;
  readonly at: number;
}

/**
 * Calls the `tenants` function once per tenant, however many tokens wait for the answer. Caches its answer for a minute
 * and a failure for five seconds; at most a thousand answers.
 */
export class TenantAnswers {
  readonly #accepts: TenantPredicate;
  readonly #now: () => number;
  /** The oldest first. */
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Map<string, Promise<Answer>>();

  constructor(accepts: TenantPredicate, now: () => number) {
    this.#accepts = accepts;
    this.#now = now;
  }

  /**
   * Tells whether the function accepts a tenant. Only `true` accepts.
   *
   * @throws UnavailableError `hook_failed` if the function fails (as a rejection)
   */
  async accepts(tenantId: string): Promise<boolean> {
    const { accepted, cause, at } = this.#known(tenantId) ?? (await this.#ask(tenantId));
    if (accepted === undefined) {
      // A new error for each token, because applications change the errors that they receive.
      throw hookFailed('tenants', cause, (LIFETIME_OF_A_FAILURE - (this.#now() - at)) / 1000);
    }
    return accepted;
  }

  #known(tenantId: string): Answer | undefined {
    const known = this.#answers.get(tenantId);
    if (known === undefined) return undefined;
    const age = this.#now() - known.at;
    const lifetime = known.accepted === undefined ? LIFETIME_OF_A_FAILURE : LIFETIME;
    return age >= 0 && age < lifetime ? known : undefined;
  }

  #ask(tenantId: string): Promise<Answer> {
    const running = this.#asking.get(tenantId);
    if (running !== undefined) return running;
    const asking = this.#answerOf(tenantId).then((answer) => {
      this.#asking.delete(tenantId);
      this.#keep(tenantId, answer);
      return answer;
    });
    // Needs no bound: only verified tokens get here, and none waits for longer than two seconds.
    this.#asking.set(tenantId, asking);
    return asking;
  }

  async #answerOf(tenantId: string): Promise<Answer> {
    try {
      const accepted = (await askHook('tenants', () => this.#accepts(tenantId))) === true;
      return { accepted, at: this.#now() };
    } catch (error) {
      return { accepted: undefined, cause: (error as Error).cause, at: this.#now() };
    }
  }

  #keep(tenantId: string, answer: Answer): void {
    this.#answers.delete(tenantId);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size < MAX_ANSWERS) break;
      this.#answers.delete(oldest);
    }
    this.#answers.set(tenantId, answer);
  }
}
