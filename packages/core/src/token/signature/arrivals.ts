import { nextTick } from 'node:process';
import { setImmediate } from 'node:timers';

// Not the globals: fake timers of an application's tests would stop them.

/** So many together are no crowd yet: they hold the event loop up for half a millisecond. */
export const NO_CROWD = 16;

/** Tokens that were noted since a promise has gone on: whoever brings them has not waited for any. */
let inThisGo = 0;
/** Tokens that were noted in this turn of the event loop. */
let inThisTurn = 0;
/** What had brought the first of them is over: who comes now was waiting beside it. */
let callbackIsOver = false;

const settled = Promise.resolve();

/**
 * Tells whether a token comes in a crowd, and notes it where it does not. A crowd is handed over in one go (`Promise.all`),
 * or by the callbacks of one turn of the event loop, as requests come that have queued up. Tokens of which each waits for
 * the one before are none, however fast they come.
 */
export function comesInCrowd(): boolean {
  if (inThisGo >= NO_CROWD || (callbackIsOver && inThisTurn >= NO_CROWD)) return true;
  if (inThisGo++ === 0) void settled.then(endGo);
  if (inThisTurn++ === 0) {
    // Runs when the callback at hand and all promises that go on by themselves are through.
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
