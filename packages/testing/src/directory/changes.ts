import { BoundedMap } from '../bounded-map.js';

/** What changed: a user, a group, or the members of a group. */
export type ChangedKind = 'users' | 'groups' | 'members';

/** The latest change of one object. */
export interface Change {
  readonly kind: ChangedKind;
  /** Object ID. */
  readonly id: string;
  /** Counts up with each change of the directory. */
  readonly version: number;
}

/** Limit of objects with a change on record. */
const maxObjects = 10_000;

/** What changed in the directory, for delta queries and notifications of Microsoft Graph. */
export class Changes {
  readonly #latest = new BoundedMap<string, Change>(maxObjects);
  readonly #listeners = new Set<(change: Change) => void>();
  #version = 0;

  /** The version of the directory: that of the latest change. */
  get version(): number {
    return this.#version;
  }

  note(kind: ChangedKind, id: string): void {
    this.#version += 1;
    const change = { kind, id, version: this.#version };
    this.#latest.set(`${kind} ${id}`, change);
    for (const listener of this.#listeners) listener(change);
  }

  /** Lists the objects that changed after a version, oldest change first. */
  since(kind: ChangedKind, version: number): readonly Change[] {
    return this.#latest.values().filter((one) => one.kind === kind && one.version > version);
  }

  /** @returns a function that ends it */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
