import { malformedSentence, publicSentence } from '../../packages/core/src/answer/sentences.js';

/**
 * What callers are told, by code. `packages/core/test/answer/http.test.ts` compares the sentences word by word: every other test asks
 * for the code only.
 */
export const sentenceOf = publicSentence;

/** What callers are told of a broken credential, by its place. */
export const malformedSentenceOf = malformedSentence;

/** The challenge of a refused token, without its realm (RFC 6750 section 3). */
export const invalidToken = (...[code]: Parameters<typeof sentenceOf>): string =>
  `Bearer error="invalid_token", error_description="${sentenceOf(code)}"`;

/** The challenge of a request whose credential is broken, without its realm (RFC 6750 section 3). */
export const invalidRequest = (...[place]: Parameters<typeof malformedSentence>): string =>
  `Bearer error="invalid_request", error_description="${malformedSentence(place)}"`;
