/**
 * A set of strings that nothing can change: a frozen array with the methods of a set. What copies it gets an array:
 * `structuredClone`, JSON, class-transformer, lodash. What makes something of it, such as `map` and `filter`, gives plain
 * arrays. Every request that brings the same token shares it.
 */
export interface StringSet extends ReadonlyArray<string> {
  /** How many values there are. */
  readonly size: number;
  /** Whether the set holds exactly this value; case matters. */
  has(value: string): boolean;
  /** The values as a new array, in the token's order. */
  toArray(): string[];
  /** What `JSON.stringify` writes: `toArray()`. */
  toJSON(): string[];
}

/** Up to so many values it is quicker to look at each. */
const FEW = 8;

/**
 * Gives back the list it was called with, so that a class which extends it puts its private fields on an array that is there
 * already: `new` on a subclass of Array takes twice the time.
 */
function Given(values: string[]): string[] {
  return values;
}
Given.prototype = Array.prototype;

const GivenList = Given as unknown as new (values: string[]) => readonly string[];

/** The one implementation: the values that it asks are out of reach. */
export class FrozenStringSet extends GivenList implements StringSet {
  static readonly #empty = new FrozenStringSet([]);
  /** Each once, in order. Apart from the elements, since to read those of a frozen array takes longer. */
  readonly #values: readonly string[];
  /** As a set of the language where they are many. */
  readonly #index: ReadonlySet<string> | undefined;

  /** The set of these values; of none it is always the same one. */
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

// To every other library it is an array, and what Array's methods or a cloner make by its constructor is a plain one.
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
