import type { Connection } from '../client/connection.js';
import { rangeReply, scanReply } from '../client/replies.js';
import { BEGINNING } from './continuity.js';
import { inTurns } from './in-turns.js';
import type { Keys } from './keys.js';
import type { Held, Later, ReplicatedSet } from './replicated-set.js';

/** About how many entries the server replies with at a time. Reading a reply can't be interrupted. */
const PAGE = 200;

/** What a look at the whole of the server's copy has found. */
export interface Snapshot {
  /** The ID of the stream after which nothing is in the snapshot for sure. */
  readonly last: string;
  /** What this process holds, and the server lacks or ends earlier. */
  readonly missing: readonly Held[];
}

/**
 * Adds all that the server has to the set. Takes the stream's last ID first, so that what is written meanwhile comes twice and not
 * never. Lets others have their turn in between.
 *
 * @param generation a number that no earlier call was given
 * @param first whether no request depends on the set yet
 * @param now in milliseconds since the epoch
 */
export async function snapshot<T>(
  connection: Connection,
  keys: Keys,
  set: ReplicatedSet<T>,
  generation: number,
  first: boolean,
  now: () => number,
): Promise<Snapshot> {
  const [newest] = rangeReply(await connection.send(['XREVRANGE', keys.log, '+', '-', 'COUNT', '1']));
  const seen = (held: Held | undefined) => {
    if (held !== undefined) held.seenIn = generation;
  };
  const later: Later<T>[] = [];
  let cursor = '0';
  do {
    const page = scanReply(await connection.send(['ZSCAN', keys.state, cursor, 'COUNT', String(PAGE)]));
    const written = page.members.map(({ member, score }) => ({ text: member, until: score }));
    // The first time nothing depends on the order yet, and a million entries need not be kept twice.
    const merged = first
      ? set.merge(written, 'state', now())
      : set.mergeLifts(written, 'state', now(), later);
    await inTurns(merged, seen);
    cursor = page.cursor;
  } while (cursor !== '0');
  await inTurns(later, (one) => seen(set.addLater(one, 'state')));
  const missing: Held[] = [];
  await inTurns(set.values(), (held) => {
    if (held.seenIn !== generation || held.sharedUntil < held.until) missing.push(held);
  });
  return { last: newest?.id ?? BEGINNING, missing };
}
