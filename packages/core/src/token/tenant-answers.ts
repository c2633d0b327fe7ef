import type { TenantPredicate } from '../options.js';
import { askHook } from './user-hook.js';

const LIFETIME = 60_000;
const MAX_ANSWERS = 1000;

/** Remembers for a minute what the `tenants` function said; at most a thousand answers. */
export class TenantAnswers {
  readonly #accepts: TenantPredicate;
  readonly #now: () => number;
  readonly #answers = new Map<string, { readonly accepted: boolean; readonly at: number }>();

  constructor(accepts: TenantPredicate, now: () => number) {
    this.#accepts = accepts;
    this.#now = now;
  }

  /**
   * Only `true` accepts.
   *
   * @throws KeysUnavailableError when the function fails; that is not remembered
   */
  async accepts(tenantId: string): Promise<boolean> {
    const known = this.#answers.get(tenantId);
    const age = known === undefined ? Number.NaN : this.#now() - known.at;
    if (known !== undefined && age >= 0 && age < LIFETIME) return known.accepted;
    const accepted = (await askHook('tenants', () => this.#accepts(tenantId))) === true;
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(tenantId, { accepted, at: this.#now() });
    return accepted;
  }
}
