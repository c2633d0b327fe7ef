import { nextTick } from 'node:process';
import { setImmediate } from 'node:timers';

// Not the globals: fake timers of an application's tests would stop them.

/** A token was noted, and no promise has gone on since: whoever brought it may bring more before waiting for any. */
let inOneGo = false;
/** A token was noted in this turn of the event loop. */
let inThisTurn = false;
/** What had brought it is over: whoever comes now was waiting beside it. */
let callbackIsOver = false;

const settled = Promise.resolve();

/**
 * Notes a token, and tells whether it came together with another one, noted before: handed over in one go
 * (`Promise.all`), or by another callback of the same turn of the event loop, as requests come that have queued up. Tokens
 * of which each waits for the one before are not together, however fast they come.
 */
export function comesWithAnother(): boolean {
  if (inOneGo || (inThisTurn && callbackIsOver)) return true;
  inOneGo = true;
  void settled.then(endGo);
  if (!inThisTurn) {
    inThisTurn = true;
    callbackIsOver = false;
    // Runs when the callback at hand and all promises that go on by themselves are through.
    nextTick(endCallback);
    setImmediate(endTurn);
  }
  return false;
}

function endGo(): void {
  inOneGo = false;
}

function endCallback(): void {
  callbackIsOver = true;
}

function endTurn(): void {
  inThisTurn = false;
}
