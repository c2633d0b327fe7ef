import { contenderNamed } from '../contenders/names.js';
import { type Authority, readAuthority } from '../engine/authority.js';
import { inDevelopment } from '../engine/in-development.js';
import { startStopwatch, type Timed } from '../engine/stopwatch.js';
import { readTokens } from '../engine/tokens.js';
import { answer } from './answering.js';

/** How a process verifies tokens: which it takes, and how many at a time. */
export interface Batch {
  readonly from: number;
  readonly count: number;
  /** So many of them first, which are not counted. */
  readonly lead: number;
  /** How many are under way at the same time. A contender that answers at once has one. */
  readonly inFlight: number;
}

export interface Repetition {
  /** So many tokens in turn. */
  readonly tokens: number;
  /** At least so long. */
  readonly seconds: number;
  /** Whether garbage is collected before. Threads go on sweeping for a second where there is a gigabyte. Default `true`. */
  readonly collects?: boolean;
}

const [name = '', authorityFile = '', tokensFile = ''] = process.argv.slice(2);
const authority: Authority = readAuthority(authorityFile);
const tokens = readTokens(tokensFile);
const contender = await contenderNamed(name);
const verifier = await inDevelopment(() => contender.verifier(authority));
const prepared = tokens.map((token) => verifier.prepare(token));

/** What an earlier round left behind is not for this one to clear away. */
function collectGarbage(): void {
  globalThis.gc?.();
}

/** Verifies one token, and waits only if the contender does. */
async function meetAll(items: Iterable<unknown>): Promise<void> {
  for (const one of items) {
    const verified = verifier.verify(one);
    verifier.judge(verified instanceof Promise ? await verified : verified);
  }
}

/** Some remember a token when they see it for the second time. */
const meetTwice = (items: readonly unknown[]) => meetAll([...items, ...items]);

/** So many at a time, which take from one iterator. */
async function meetOnce(batch: readonly unknown[], inFlight: number): Promise<void> {
  const rest = batch[Symbol.iterator]();
  await Promise.all(Array.from({ length: inFlight }, () => meetAll({ [Symbol.iterator]: () => rest })));
}

const questions = {
  setup: () => contender.setup,
  /** Why it refuses a token; nothing if it accepts it. */
  refusal: async (token: string): Promise<string | null> => {
    try {
      verifier.judge(await verifier.verify(verifier.prepare(token)));
      return null;
    } catch (error) {
      return String(error);
    }
  },
  /** Sees the first tokens, or all, as often as it takes to remember them. */
  remember: (count: number | null) => meetTwice(count === null ? prepared : prepared.slice(0, count)),
  once: async ({ from, count, lead, inFlight }: Batch): Promise<Timed> => {
    const batch = prepared.slice(from, from + count);
    collectGarbage();
    await meetOnce(batch.slice(0, lead), inFlight);
    const counted = batch.slice(lead);
    const watch = startStopwatch();
    await meetOnce(counted, inFlight);
    return watch.stop(counted.length);
  },
  again: async ({ tokens: different, seconds, collects = true }: Repetition): Promise<Timed> => {
    const turn = prepared.slice(0, different);
    await meetTwice(turn);
    if (collects) collectGarbage();
    const watch = startStopwatch();
    let operations = 0;
    do {
      await meetAll(turn);
      operations += turn.length;
    } while (watch.seconds() < seconds);
    return watch.stop(operations);
  },
};

export type VerifyingQuestions = typeof questions;
answer(questions);
