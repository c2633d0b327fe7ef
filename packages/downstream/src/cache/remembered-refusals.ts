import type { Refusal } from '../exchange/refusal.js';

/** How long a refusal is remembered, in milliseconds. */
const LIFETIME = 15_000;
const MOST = 10_000;

/**
 * Refusals of Entra that are repeated for some seconds without asking again: each under the key of what was asked for, so that the
 * refusal of one caller is never told to another.
 */
export class RememberedRefusals {
  readonly #refusals = new Map<string, { readonly refusal: Refusal; readonly until: number }>();

  /** @param now milliseconds since the epoch */
  get(key: string, now: number): Refusal | undefined {
    const known = this.#refusals.get(key);
    if (known === undefined) return undefined;
    if (now < known.until && now >= known.until - LIFETIME) return known.refusal;
    this.#refusals.delete(key);
    return undefined;
  }

  set(key: string, refusal: Refusal, now: number): void {
    this.#refusals.delete(key);
    this.#refusals.set(key, { refusal, until: now + LIFETIME });
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > MOST && oldest !== undefined) this.#refusals.delete(oldest);
  }

  /** @param now milliseconds since the epoch */
  all(now: number): readonly Refusal[] {
    return [...this.#refusals.keys()].flatMap((key) => this.get(key, now) ?? []);
  }
}
