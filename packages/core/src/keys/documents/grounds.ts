import type { Holding } from './lease-shelf.js';
import type { RemoteDocument } from './remote-document.js';

interface Ground {
  readonly document: RemoteDocument<unknown>;
  readonly value: unknown;
  readonly holding: Holding;
}

/**
 * The documents that an answer is based on, with their values. As long as each document still has that value, the
 * answer still holds and nothing has to be read again.
 */
export class Grounds {
  readonly #all: Ground[] = [];

  get documents(): readonly RemoteDocument<unknown>[] {
    return this.#all.map(({ document }) => document);
  }

  /** Notes that the answer is based on this value of a document. */
  note<T>(document: RemoteDocument<T>, value: T, holding: Holding): void {
    this.#all.push({ document, value, holding });
  }

  /**
   * Tells whether the answer still holds. Counts as a use of the documents: refreshes those that are due in the
   * background.
   *
   * @param now milliseconds since the epoch, by the documents' clock
   */
  hold(now: number): boolean {
    // A loop by index, because for-of takes longer and this runs for each use of a token.
    for (let at = 0; at < this.#all.length; at++) {
      const { document, value, holding } = this.#all[at] as Ground;
      if (!holding.held || document.atHand(now) !== value) return false;
      holding.used = true;
    }
    return true;
  }
}
