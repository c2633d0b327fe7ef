import type { AuthContext } from '../caller/auth-context.js';
import type { RevocationChange } from '../options/revocations.js';
import { callerKeys } from './caller-keys.js';
import { readTarget } from './target.js';

/** What is open for callers, such as connections, by all the targets that cover each caller. */
export class CallersByTarget<T extends object> {
  readonly #byKey = new Map<string, Set<T>>();
  readonly #keys = new Map<T, Set<string>>();

  get size(): number {
    return this.#keys.size;
  }

  /** Adds something of a caller. It may be of several callers. */
  add(item: T, auth: AuthContext): void {
    const keys = this.#keys.get(item) ?? new Set();
    this.#keys.set(item, keys);
    for (const key of callerKeys(auth)) {
      keys.add(key);
      const items = this.#byKey.get(key) ?? new Set();
      this.#byKey.set(key, items.add(item));
    }
  }

  delete(item: T): void {
    for (const key of this.#keys.get(item) ?? []) {
      const items = this.#byKey.get(key) as Set<T>;
      items.delete(item);
      if (items.size === 0) this.#byKey.delete(key);
    }
    this.#keys.delete(item);
  }

  /** Returns what a change concerns. Looks at nothing else, however much is open. */
  concerned(change: RevocationChange): readonly T[] {
    if (change.change === 'all') return [...this.#keys.keys()];
    if (change.change === 'lifted') return [];
    return [...(this.#byKey.get(readTarget(change.record.target).key) ?? [])];
  }
}
