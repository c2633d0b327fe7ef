import type { JsonObject } from './json-object.js';

/** Keys that Entra signs with, and a few ways to write their headers. */
const MAX_HEADERS = 1000;

/**
 * Headers of verified tokens, by their exact text: all tokens that one key signs begin alike, so that theirs has to be
 * parsed and checked once. Only what stood in a verified token gets in; a header holds nothing secret.
 */
export class KnownHeaders {
  readonly #known = new Map<string, JsonObject>();

  find(headerPart: string): JsonObject | undefined {
    return this.#known.get(headerPart);
  }

  /** @param header parsed, checked, and changed by nobody */
  keep(headerPart: string, header: JsonObject): void {
    if (this.#known.has(headerPart)) return;
    if (this.#known.size >= MAX_HEADERS) this.#known.clear();
    // A copy: V8 makes a part of a string by keeping the whole of it alive.
    this.#known.set(Buffer.from(headerPart, 'latin1').toString('latin1'), header);
  }
}
