const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * A set of strings that nobody can change. (`Object.freeze` does not stop `Set.prototype.add`, and this set is shared by
 * every request that brings the same token.) Turns into an array in JSON.
 */
export interface StringSet extends Iterable<string> {
  /** How many values there are. */
  readonly size: number;
  /** Whether the set holds exactly this value; case matters. */
  has(value: string): boolean;
  /** The values as a new array, in the token's order. */
  toArray(): string[];
  /** The same, for `JSON.stringify`. */
  toJSON(): string[];
}

/** The one implementation: the values are out of everybody's reach. */
export class FrozenStringSet implements StringSet {
  static readonly #empty = new FrozenStringSet([]);
  readonly #values: ReadonlySet<string>;
  readonly size: number;

  /** The set of these values; of none it is always the same one. */
  static of(values: readonly string[]): FrozenStringSet {
    return values.length === 0 ? FrozenStringSet.#empty : new FrozenStringSet(values);
  }

  constructor(values: Iterable<string> = []) {
    this.#values = new Set(values);
    this.size = this.#values.size;
    Object.freeze(this);
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#values.values();
  }

  toArray(): string[] {
    return [...this.#values];
  }

  toJSON(): string[] {
    return this.toArray();
  }

  [inspect](): string[] {
    return this.toArray();
  }
}

Object.freeze(FrozenStringSet.prototype);
