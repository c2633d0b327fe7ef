/** The time of one request for its store is over. */
export class StoreTimeError extends Error {
  override readonly name = 'StoreTimeError';
}

/** How long one request waits for its store in all, in milliseconds. */
const IN_ALL = 150;

/** How long one request may still wait for its store. Time in between does not count. */
export class StoreTime {
  #left: number;

  constructor(milliseconds = IN_ALL) {
    this.#left = milliseconds;
  }

  /**
   * Waits for an answer of the store as long as there is time.
   *
   * @throws StoreTimeError (as a rejection) when the time is over; what comes later is ignored
   */
  async within<T>(answer: Promise<T>): Promise<T> {
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StoreTimeError('late')), Math.max(0, this.#left));
    });
    try {
      return await Promise.race([answer, over]);
    } finally {
      clearTimeout(timer);
      this.#left -= performance.now() - start;
      answer.catch(() => {});
    }
  }
}
