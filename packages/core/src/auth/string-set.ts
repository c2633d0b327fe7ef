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

/** Up to so many values it is quicker to look at each. */
const FEW = 8;

/** The one implementation: the values are out of everybody's reach. */
export class FrozenStringSet implements StringSet {
  static readonly #empty = new FrozenStringSet([]);
  /** Each once, in order. */
  readonly #values: readonly string[];
  /** The same where they are many. */
  readonly #index: ReadonlySet<string> | undefined;
  readonly size: number;

  /** The set of these values; of none it is always the same one. */
  static of(values: readonly string[]): FrozenStringSet {
    return values.length === 0 ? FrozenStringSet.#empty : new FrozenStringSet(values);
  }

  constructor(values: readonly string[]) {
    this.#index = values.length > FEW ? new Set(values) : undefined;
    this.#values = this.#index === undefined ? eachOnce(values) : [...this.#index];
    this.size = this.#values.length;
    Object.freeze(this);
  }

  has(value: string): boolean {
    return this.#index === undefined ? holds(this.#values, value) : this.#index.has(value);
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

function holds(values: readonly string[], value: string): boolean {
  for (let at = 0; at < values.length; at++) if (values[at] === value) return true;
  return false;
}

function eachOnce(values: readonly string[]): readonly string[] {
  const once: string[] = [];
  for (const value of values) if (!holds(once, value)) once.push(value);
  return once;
}
