const PARTS = 256;

/**
 * A map for a million entries and more. V8 moves all entries of a `Map` at once when it grows: at a million that takes a fifth of a
 * second, in which no request is answered. Here entries are spread over many maps by the ends of their keys, which is where IDs
 * differ. Its values come in no particular order.
 */
export class WideMap<V> {
  readonly #parts: (Map<string, V> | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#parts[partOf(key)]?.get(key);
  }

  set(key: string, value: V): void {
    const index = partOf(key);
    let part = this.#parts[index];
    if (part === undefined) {
      part = new Map();
      this.#parts[index] = part;
    }
    const before = part.size;
    part.set(key, value);
    this.#size += part.size - before;
  }

  /** @returns whether it was there */
  delete(key: string): boolean {
    const deleted = this.#parts[partOf(key)]?.delete(key) ?? false;
    if (deleted) this.#size--;
    return deleted;
  }

  /** Values that are added meanwhile may come or not. */
  *values(): Generator<V> {
    for (const part of this.#parts) if (part !== undefined) yield* part.values();
  }
}

function partOf(key: string): number {
  const { length } = key;
  // This factor puts pairs of hexadecimal digits into most of the parts. An end that is too short is part 0.
  return (37 * key.charCodeAt(length - 2) + key.charCodeAt(length - 1)) & (PARTS - 1);
}
