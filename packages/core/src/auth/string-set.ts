const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * A set of strings that nobody can change. (`Object.freeze` does not stop `Set.prototype.add`, and this set is shared by
 * every request that brings the same token.) Turns into an array in JSON.
 */
export class StringSet implements Iterable<string> {
  readonly #values: ReadonlySet<string>;
  /** How many values there are. */
  readonly size: number;

  constructor(values: Iterable<string> = []) {
    this.#values = new Set(values);
    this.size = this.#values.size;
    Object.freeze(this);
  }

  /** Whether the set holds exactly this value; case matters. */
  has(value: string): boolean {
    return this.#values.has(value);
  }

  /** Iterates over the values in the token's order. */
  [Symbol.iterator](): IterableIterator<string> {
    return this.#values.values();
  }

  /** The values as a new array. */
  toArray(): string[] {
    return [...this.#values];
  }

  /** The values as an array, for `JSON.stringify`. */
  toJSON(): string[] {
    return this.toArray();
  }

  [inspect](): string[] {
    return this.toArray();
  }
}

Object.freeze(StringSet.prototype);
