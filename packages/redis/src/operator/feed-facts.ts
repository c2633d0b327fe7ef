import { QUEUE } from '../queue/queue-keys.js';
import { KEY_NAMES } from '../queue/scripts.js';
import type { Server } from './server.js';
import { told } from './told.js';

/** Jobs that processes share, such as those of a leaver feed. */
export interface FeedFacts {
  /** `leavers:` and the tenant, of `graphLeavers(...)`. */
  readonly name: string;
  /** Whether a process leads at the moment: without one nothing is looked for. */
  readonly isLed: boolean;
  /** How many jobs are due. */
  readonly waiting: number;
  /** For how long the oldest of them has been due, in milliseconds; 0 if none is. */
  readonly waitingMs: number;
}

/** How often the server is asked for a part of its keys, at most. */
const MOST_PARTS = 1000;

/** Looks for what feeds share. Changes nothing. @returns `undefined` where the user may not ask */
export async function feedFacts(server: Server): Promise<readonly FeedFacts[] | undefined> {
  const names = await told(queueNames(server));
  if (names === undefined) return undefined;
  if (names.length === 0) return [];
  const now = await told(serverTime(server));
  if (now === undefined) return undefined;
  const facts: FeedFacts[] = [];
  for (const name of names) {
    const one = await told(factsOf(server, name, now));
    if (one === undefined) return undefined;
    facts.push(one);
  }
  return facts;
}

/** Names of queues that a process has led. */
async function queueNames(server: Server): Promise<readonly string[]> {
  const before = `${server.prefix}:${QUEUE}:`;
  const pattern = `${before.replace(/[\\*?[\]^]/g, '\\$&')}*:lead`;
  const names = new Set<string>();
  let cursor = '0';
  for (let part = 0; part < MOST_PARTS; part++) {
    const reply = await server.send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000', 'TYPE', 'hash']);
    if (!Array.isArray(reply)) break;
    for (const key of reply[1] as readonly unknown[]) {
      names.add(String(key).slice(before.length, -':lead'.length));
    }
    cursor = String(reply[0]);
    if (cursor === '0') break;
  }
  return [...names].sort((one, other) => (one < other ? -1 : 1));
}

/** Milliseconds since the epoch. Jobs are due by this clock. */
async function serverTime(server: Server): Promise<number> {
  const [seconds, micros] = (await server.send(['TIME'])) as readonly unknown[];
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

async function factsOf(server: Server, name: string, now: number): Promise<FeedFacts> {
  const key = (of: (typeof KEY_NAMES)[number]) => `${server.prefix}:${QUEUE}:${name}:${of}`;
  const until = Number(await server.send(['HGET', key('lead'), 'until']));
  const waiting = Number(await server.send(['ZCOUNT', key('due'), '-inf', String(now)]));
  // Members alone, and then the score: clients give both at once in different forms.
  const oldest = (await server.send(['ZRANGE', key('due'), '0', '0'])) as readonly unknown[];
  const due =
    oldest[0] === undefined ? now : Number(await server.send(['ZSCORE', key('due'), String(oldest[0])]));
  return { name, isLed: until > now, waiting, waitingMs: waiting === 0 ? 0 : Math.max(0, now - due) };
}
