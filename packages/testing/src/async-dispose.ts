/**
 * `Symbol.asyncDispose`, or a stand-in where it is missing. Jest's contexts do not have it on every Node version, and
 * they must be able to load this package.
 */
export const asyncDispose: typeof Symbol.asyncDispose = ((Symbol as { asyncDispose?: symbol }).asyncDispose ??
  Symbol.for('nodejs.asyncDispose')) as typeof Symbol.asyncDispose;
