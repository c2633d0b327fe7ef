import { createValidator, type Validator } from '@entra-guard/core';
import { type Authority, guardOptions, readAuthority } from '../engine/authority.js';
import { inDevelopment } from '../engine/in-development.js';
import { TokenFile } from '../engine/token-file.js';
import { answer } from './answering.js';

/** Bytes that each remembered token occupies. */
export interface Weighing {
  readonly bytesPerToken: number;
}

/** One simulated hour after another: how heavy the heap was at the end of each. */
export interface Churn {
  /** Bytes before the first token. */
  readonly empty: number;
  /** Bytes at the end of each hour. */
  readonly heap: readonly number[];
}

const [authorityFile = '', tokensFile = ''] = process.argv.slice(2);
const authority: Authority = readAuthority(authorityFile);
const tokens = new TokenFile(tokensFile);

/** Validated before the heap is weighed for the first time, so that code and shapes are there already. */
const WARM_UP = 200;
const HOUR = 3_600_000;

async function validator(now?: () => number): Promise<Validator> {
  const options = { ...guardOptions(authority), ...(now === undefined ? {} : { now }) };
  const made = await inDevelopment(() => createValidator(options));
  await made.ready();
  return made;
}

/** The heap and what hangs on it, once nothing is left to collect. */
async function heap(): Promise<number> {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.();
    // Finalizers run between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const questions = {
  weigh: async (count: number): Promise<Weighing> => {
    const subject = await validator();
    const twice = async (from: number, to: number) => {
      for (let time = 0; time < 2; time++) {
        for (let index = from; index < to; index++) await subject.validate(tokens.at(index));
      }
    };
    await twice(0, WARM_UP);
    const before = await heap();
    await twice(WARM_UP, WARM_UP + count);
    const after = await heap();
    // Not before: what the validator remembers must be there while it is weighed.
    subject.close();
    return { bytesPerToken: (after - before) / count };
  },
  /** Replays hours of traffic; each token comes when it was made and once more half an hour later. */
  churn: async ({
    start,
    hours,
    perHour,
  }: {
    readonly start: number;
    readonly hours: number;
    readonly perHour: number;
  }): Promise<Churn> => {
    let now = start;
    const subject = await validator(() => now);
    const empty = await heap();
    const weights: number[] = [];
    for (let index = 0; index < hours * perHour; index++) {
      now = start + (index * HOUR) / perHour;
      await subject.validate(tokens.at(index));
      const earlier = index - Math.floor(perHour / 2);
      if (earlier >= 0) await subject.validate(tokens.at(earlier));
      if ((index + 1) % perHour === 0) weights.push(await heap());
    }
    subject.close();
    return { empty, heap: weights };
  },
};

export type HeapQuestions = typeof questions;
answer(questions);
