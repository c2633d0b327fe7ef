/** What was made, and until when it may be used, in milliseconds since the epoch. */
export interface Made<T> {
  readonly value: T;
  readonly until: number;
}

/** Most values that are kept: one for each tenant whose tokens are exchanged. */
const MOST = 1000;

/** Values that are made when they are needed, once for all who wait for one, and kept until their end. */
export class Kept<T> {
  readonly #values = new Map<string, Made<T>>();
  readonly #making = new Map<string, Promise<Made<T>>>();

  /**
   * @param key which value
   * @param now milliseconds since the epoch
   * @param make makes it
   * @throws what `make` throws; that is not kept
   */
  async get(key: string, now: number, make: () => Promise<Made<T>>): Promise<T> {
    const known = this.#values.get(key);
    if (known !== undefined && now < known.until) return known.value;
    const making = this.#making.get(key) ?? make();
    this.#making.set(key, making);
    try {
      const made = await making;
      // Not what was being made while all was cleared.
      if (this.#making.get(key) === making) this.#keep(key, made);
      return made.value;
    } finally {
      if (this.#making.get(key) === making) this.#making.delete(key);
    }
  }

  #keep(key: string, made: Made<T>): void {
    this.#values.delete(key);
    this.#values.set(key, made);
    const [oldest] = this.#values.keys();
    if (this.#values.size > MOST && oldest !== undefined) this.#values.delete(oldest);
  }

  clear(): void {
    this.#values.clear();
    this.#making.clear();
  }
}
