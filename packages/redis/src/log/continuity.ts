import type { Connection } from '../client/connection.js';
import { rangeReply } from '../client/replies.js';
import type { Keys } from './keys.js';

/** The ID before all others of a stream. */
export const BEGINNING = '0-0';

/**
 * How far this process has read the stream, and whether all of it was there to be read. XREAD gives no sign when entries are missing:
 * after an ID that is gone, it goes on with the oldest that is left. While an entry is still there, none after it can have been
 * removed from the front, and no other server without it can have taken over.
 */
export class Continuity {
  #checked = BEGINNING;
  #last = BEGINNING;

  /** The ID of the last entry that was read. */
  get last(): string {
    return this.#last;
  }

  /** Begins at an ID, when all before it is known in another way. */
  begin(id: string): void {
    this.#checked = id;
    this.#last = id;
  }

  /** An entry was read. */
  advance(id: string): void {
    this.#last = id;
  }

  /** Tells whether nothing can have been missed since {@link begin}. */
  async holds(connection: Connection, { log }: Keys): Promise<boolean> {
    const last = this.#last;
    for (const id of new Set([this.#checked, last])) {
      if (id === BEGINNING) return false;
      const [entry] = rangeReply(await connection.send(['XRANGE', log, id, id, 'COUNT', '1']));
      if (entry?.id !== id) return false;
    }
    this.#checked = last;
    return true;
  }
}
