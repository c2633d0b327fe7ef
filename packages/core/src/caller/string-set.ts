/**
 * An immutable set of strings: a frozen array with the methods of a set. Copies (`structuredClone`, JSON,
 * class-transformer, lodash) and the results of `map` and `filter` are plain arrays. All requests with one token share
 * it.
 */
export interface StringSet extends ReadonlyArray<string> {
  /** How many values there are. */
  readonly size: number;
  /** Tells whether the set holds exactly this value; case-sensitive. */
  has(value: string): boolean;
  /** The values as a new array, in the token's order. */
  toArray(): string[];
  /** What `JSON.stringify` writes: `toArray()`. */
  toJSON(): string[];
}

/** Up to this many values, a loop is faster than a `Set`. */
const FEW = 8;

/**
 * Returns the list it was called with, so that a class which extends it puts its private fields on an existing array.
 * `new` on a subclass of Array takes twice the time.
 */
function Given(values: string[]): string[] {
  return values;
}
Given.prototype = Array.prototype;

const GivenList = Given as unknown as new (values: string[]) => readonly string[];

/** The implementation. Its methods use private values, which other code can't reach. */
export class FrozenStringSet extends GivenList implements StringSet {
  static readonly #empty = new FrozenStringSet([]);
  /** Each value once, in order. Kept apart from the elements, because reading a frozen array takes longer. */
  readonly #values: readonly string[];
  /** A `Set` of the values, if there are many. */
  readonly #index: ReadonlySet<string> | undefined;

  /** Returns the set of these values. All empty sets are one object. */
  static of(values: readonly string[]): FrozenStringSet {
    return values.length === 0 ? FrozenStringSet.#empty : new FrozenStringSet(values);
  }

  constructor(values: readonly string[]) {
    const index = values.length > FEW ? new Set(values) : undefined;
    const once = index === undefined ? eachOnce(values) : [...index];
    super(Object.setPrototypeOf(once.slice(), FrozenStringSet.prototype));
    this.#values = once;
    this.#index = index;
    Object.freeze(this);
  }

  get size(): number {
    return this.#values.length;
  }

  has(value: string): boolean {
    return this.#index === undefined ? holds(this.#values, value) : this.#index.has(value);
  }

  toArray(): string[] {
    return this.#values.slice();
  }

  toJSON(): string[] {
    return this.toArray();
  }
}

// Its constructor is `Array`, so that array methods and cloning libraries make plain arrays of it.
Object.defineProperty(FrozenStringSet.prototype, 'constructor', { value: Array });
Object.freeze(FrozenStringSet.prototype);

function holds(values: readonly string[], value: string): boolean {
  for (let at = 0; at < values.length; at++) if (values[at] === value) return true;
  return false;
}

function eachOnce(values: readonly string[]): string[] {
  const once: string[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as string;
    if (!holds(once, value)) once.push(value);
  }
  return once;
}
