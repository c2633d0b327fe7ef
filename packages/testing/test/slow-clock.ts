/**
 * Makes a clock that moves on by a millisecond each time it is looked at, from the beginning of a second: what a test compares stays
 * within that second, however long the machine takes.
 */
export function slowClock(): () => number {
  let now = Math.floor(Date.now() / 1000) * 1000;
  return () => now++;
}
