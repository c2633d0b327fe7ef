const MINUTE = 60_000;

/** Says what has ended, by the minute, without looking at what has not. */
export class Expiry<T extends { readonly until: number }> {
  readonly #minutes = new Map<number, T[]>();
  #swept: number;

  /** @param now in milliseconds since the epoch */
  constructor(now: number) {
    this.#swept = minuteOf(now);
  }

  /** Watches a thing until it ends. To be called again when it ends later than before. */
  watch(thing: T): void {
    if (thing.until === Number.POSITIVE_INFINITY) return;
    const minute = Math.max(minuteOf(thing.until), this.#swept);
    const bucket = this.#minutes.get(minute);
    if (bucket === undefined) this.#minutes.set(minute, [thing]);
    else bucket.push(thing);
  }

  /** Returns what has ended since the last call. A thing may be named twice. */
  *ended(now: number): Generator<T> {
    const last = minuteOf(now);
    // A minute that is not over may have things that have not ended.
    for (; this.#swept < last; this.#swept++) {
      const bucket = this.#minutes.get(this.#swept);
      if (bucket === undefined) continue;
      this.#minutes.delete(this.#swept);
      for (const thing of bucket) if (thing.until <= now) yield thing;
    }
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE);
}
