import { nextTick } from 'node:process';
import { setImmediate } from 'node:timers';

// Imported, because fake timers in an application's tests replace the globals.

/** Up to this many tokens at once are not a crowd. Verifying them blocks the event loop for half a millisecond. */
export const NO_CROWD = 16;

/** Tokens that were noted in this run of synchronous code, so that none has waited for another. */
let inThisGo = 0;
/** Tokens that were noted in this turn of the event loop. */
let inThisTurn = 0;
/**
 * Whether the callback that brought the turn's first token has ended. Tokens that come now were waiting at the same
 * time.
 */
let callbackIsOver = false;

const settled = Promise.resolve();

/**
 * Tells whether a token comes in a crowd, and notes it otherwise. A crowd comes from one run of synchronous code
 * (`Promise.all`), or from the callbacks of one turn of the event loop, like queued requests. Tokens that each wait for
 * the one before are not a crowd, however fast they come.
 */
export function comesInCrowd(): boolean {
  if (inThisGo >= NO_CROWD || (callbackIsOver && inThisTurn >= NO_CROWD)) return true;
  if (inThisGo++ === 0) void settled.then(endGo);
  if (inThisTurn++ === 0) {
    // Runs after the current callback and the promise jobs that it caused.
    nextTick(endCallback);
    setImmediate(endTurn);
  }
  return false;
}

function endGo(): void {
  inThisGo = 0;
}

function endCallback(): void {
  callbackIsOver = true;
}

function endTurn(): void {
  inThisTurn = 0;
  callbackIsOver = false;
}
