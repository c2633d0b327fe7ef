import { setImmediate } from 'node:timers/promises';

/** For how long others wait at a time, in milliseconds: requests are answered in between. */
const TURN = 2;
/** Looking at the clock takes time, too. */
const LOOK_EVERY = 16;

/** Goes through many things, and lets others have their turn in between. */
export async function inTurns<V>(things: Iterable<V>, each: (thing: V) => void): Promise<void> {
  let count = 0;
  let end = performance.now() + TURN;
  for (const thing of things) {
    each(thing);
    if (++count % LOOK_EVERY !== 0 || performance.now() < end) continue;
    await setImmediate();
    end = performance.now() + TURN;
  }
}
