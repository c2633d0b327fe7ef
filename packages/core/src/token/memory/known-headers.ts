import type { JsonObject } from '../../base/json-object.js';

/** Keys that Entra signs with, and a few ways to write their headers. */
const MAX_HEADERS = 1000;

interface Known {
  readonly headerPart: string;
  readonly header: JsonObject;
}

/**
 * Headers of verified tokens, by their exact text: all tokens that one key signs begin alike, so that theirs has to be
 * parsed and checked once. Only what stood in a verified token gets in; a header holds nothing secret.
 */
export class KnownHeaders {
  readonly #known = new Map<string, Known>();
  /** Mostly one key signs, for weeks. */
  #latest: Known | undefined;

  /**
   * The header that a token begins with, if it is known.
   *
   * @param end where the token's first part ends
   */
  find(token: string, end: number): JsonObject | undefined {
    const latest = this.#latest;
    if (latest !== undefined && latest.headerPart.length === end && token.startsWith(latest.headerPart)) {
      return latest.header;
    }
    const known = this.#known.get(token.slice(0, end));
    if (known !== undefined) this.#latest = known;
    return known?.header;
  }

  /** @param header parsed, checked, and changed by nobody */
  keep(headerPart: string, header: JsonObject): void {
    if (this.#known.has(headerPart)) return;
    if (this.#known.size >= MAX_HEADERS) {
      this.#known.clear();
      this.#latest = undefined;
    }
    // A copy: V8 makes a part of a string by keeping the whole of it alive.
    const known = { headerPart: Buffer.from(headerPart, 'latin1').toString('latin1'), header };
    this.#known.set(known.headerPart, known);
  }
}
