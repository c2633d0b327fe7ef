import { assertTimes } from '../endpoints/faults.js';

interface One<T> {
  readonly value: T;
  left: number;
}

/** What the next requests meet, each for a number of them. What was added last comes first. */
export class Pending<T> {
  #active: readonly One<T>[] = [];

  /**
   * @param call the name of the method, for the error
   * @returns a function that takes it back
   * @throws {LocalEntraError} `option_invalid`
   */
  add(call: string, value: T, times = Number.POSITIVE_INFINITY): () => void {
    assertTimes(call, times);
    const active = { value, left: times };
    this.#active = [active, ...this.#active];
    return () => this.#end(active);
  }

  /** Takes what the next request meets, if there is something. */
  next(): T | undefined {
    const [active] = this.#active;
    if (active === undefined) return undefined;
    active.left -= 1;
    if (active.left <= 0) this.#end(active);
    return active.value;
  }

  #end(one: One<T>): void {
    this.#active = this.#active.filter((other) => other !== one);
  }
}
