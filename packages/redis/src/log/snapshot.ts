import { setImmediate } from 'node:timers/promises';
import type { Connection } from '../client/connection.js';
import { rangeReply, scanReply } from '../client/replies.js';
import { BEGINNING } from './continuity.js';
import type { Keys } from './keys.js';
import type { Held, ReplicatedSet, Written } from './replicated-set.js';

const PAGE = 500;

/** What a look at the whole of the server's copy has found. */
export interface Snapshot<T> {
  /** The ID of the stream after which nothing is in the snapshot for sure. */
  readonly last: string;
  /** What this process holds, and the server lacks or ends earlier. */
  readonly missing: readonly Held<T>[];
}

/**
 * Adds all that the server has to the set. Takes the stream's last ID first, so that what is written meanwhile comes twice and not
 * never. Lets others have their turn after each page.
 *
 * @param generation a number that no earlier call was given
 * @param now in milliseconds since the epoch
 */
export async function snapshot<T>(
  connection: Connection,
  keys: Keys,
  set: ReplicatedSet<T>,
  generation: number,
  now: () => number,
): Promise<Snapshot<T>> {
  const [newest] = rangeReply(await connection.send(['XREVRANGE', keys.log, '+', '-', 'COUNT', '1']));
  const found: Written[] = [];
  let cursor = '0';
  do {
    const page = scanReply(await connection.send(['ZSCAN', keys.state, cursor, 'COUNT', String(PAGE)]));
    for (const { member, score } of page.members) found.push({ text: member, until: score });
    cursor = page.cursor;
  } while (cursor !== '0');
  await inTurns(set.merge(found, 'state', now()), (held) => {
    if (held !== undefined) held.seenIn = generation;
  });
  const missing: Held<T>[] = [];
  await inTurns(set.values(), (held) => {
    if (held.seenIn !== generation || held.sharedUntil < held.until) missing.push(held);
  });
  return { last: newest?.id ?? BEGINNING, missing };
}

/** Goes through many things, and lets others have their turn in between. */
export async function inTurns<V>(things: Iterable<V>, each: (thing: V) => void): Promise<void> {
  let count = 0;
  for (const thing of things) {
    each(thing);
    if (++count % PAGE === 0) await setImmediate();
  }
}
