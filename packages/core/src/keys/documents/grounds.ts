import type { Holding } from './lease-shelf.js';
import type { RemoteDocument } from './remote-document.js';

interface Ground {
  readonly document: RemoteDocument<unknown>;
  readonly value: unknown;
  readonly holding: Holding;
}

/**
 * The documents that an answer was drawn from, as they were then. While each still has that very value, the same question
 * has the same answer, and nothing has to be asked again.
 */
export class Grounds {
  readonly #all: Ground[] = [];

  get documents(): readonly RemoteDocument<unknown>[] {
    return this.#all.map(({ document }) => document);
  }

  /** Notes that the answer rests on this value of a document. */
  note<T>(document: RemoteDocument<T>, value: T, holding: Holding): void {
    this.#all.push({ document, value, holding });
  }

  /**
   * Whether the answer still stands. Counts as a use of the documents: those that are due are refreshed in the background.
   *
   * @param now milliseconds since the epoch, by the documents' own clock
   */
  hold(now: number): boolean {
    // By index, as all that is done for each use of a token: for-of takes longer.
    for (let at = 0; at < this.#all.length; at++) {
      const { document, value, holding } = this.#all[at] as Ground;
      if (!holding.held || document.atHand(now) !== value) return false;
      holding.used = true;
    }
    return true;
  }
}
