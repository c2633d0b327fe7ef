import type { TenantPredicate } from '../options/options.js';
import { askHook, hookFailed } from './user-hook.js';

const LIFETIME = 60_000;
/** As long as callers are told to wait. */
const LIFETIME_OF_A_FAILURE = 5000;
const MAX_ANSWERS = 1000;

interface Answer {
  /** `undefined`: the function failed. */
  readonly accepted: boolean | undefined;
  readonly cause?: unknown;
  readonly at: number;
}

/**
 * Asks the `tenants` function once for each tenant, however many tokens wait for the answer. Remembers for a minute what it
 * said, and for five seconds that it failed; at most a thousand answers.
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
   * Only `true` accepts.
   *
   * @throws KeysUnavailableError when the function fails
   */
  async accepts(tenantId: string): Promise<boolean> {
    const { accepted, cause, at } = this.#known(tenantId) ?? (await this.#ask(tenantId));
    if (accepted === undefined) {
      // Each token has an error of its own: applications change those that they are handed.
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
    // Only verified tokens get here, and none waits for longer than two seconds.
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
