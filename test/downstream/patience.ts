import { vi } from 'vitest';
import { StoreTime } from '../../packages/downstream/src/store/store-time.js';

/**
 * Has requests wait for their store for as long as it takes. On a busy machine, 150 ms are over before a Redis that works has replied:
 * tests that are not about that time would fail by luck.
 */
export class Patience {
  #end: () => void = () => {};

  static begin(): Patience {
    const patience = new Patience();
    const over = new Promise<void>((resolve) => {
      patience.#end = resolve;
    });
    const { within } = StoreTime.prototype;
    const spy = vi.spyOn(StoreTime.prototype, 'within');
    spy.mockImplementation(function <T>(this: StoreTime, answer: Promise<T>): Promise<T> {
      return Promise.race([answer, over.then(() => within.call(this, answer) as Promise<T>)]);
    });
    void over.then(() => spy.mockRestore());
    return patience;
  }

  /** From now on the time of a request is limited, also of one that waits. Idempotent. */
  end(): void {
    this.#end();
  }
}
