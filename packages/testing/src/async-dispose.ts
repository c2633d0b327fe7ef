/**
 * `Symbol.asyncDispose`, also where it is missing: Jest's contexts do not have it on every Node, and must be able to
 * load this package all the same.
 */
export const asyncDispose: typeof Symbol.asyncDispose = ((Symbol as { asyncDispose?: symbol }).asyncDispose ??
  Symbol.for('nodejs.asyncDispose')) as typeof Symbol.asyncDispose;
