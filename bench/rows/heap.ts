import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import type { Bench, Row, RowResult } from '../engine/row.js';
import { scenario } from '../engine/scenario.js';
import { spreadOf } from '../engine/statistics.js';
import type { Churn, HeapQuestions } from '../hosts/heap.js';

/** Of the first tokens, which the weighing leaves out. */
const WARM_UP = 200;
const WEIGHINGS = 5;
const HOURS = 24;
/** What is never let go weighs twice as much after the second half of the day as after the first. */
const FLAT = 1.1;

/** What remembering tokens costs in memory, and whether it is given back. */
export const heap: Row = {
  name: 'heap',
  short: true,
  async run(bench) {
    // A day with few tokens says nothing: the engine's own memory would outweigh theirs.
    const weighed = await weigh(bench);
    return bench.settings.short ? [weighed] : [weighed, await replayDay(bench)];
  },
};

async function weigh({ authority, settings: { remembered } }: Bench): Promise<RowResult> {
  const many = await scenario(authority.folder, 'heap', { tokens: WARM_UP + remembered });
  const weights: number[] = [];
  for (let weighing = 0; weighing < WEIGHINGS; weighing++) {
    const child = heapChild(many);
    try {
      weights.push((await child.ask('weigh', remembered)).bytesPerToken);
    } finally {
      await child.close();
    }
  }
  return {
    row: 'heap',
    title: 'Memory of remembered tokens',
    unit: 'B a token',
    figures: [{ contender: 'entra-guard', value: spreadOf(weights) }],
    aims: [aim('heap per remembered token', spreadOf(weights), { atMost: 3000 }, 'B')],
    notes: [
      `${remembered.toLocaleString('en-US')} tokens, each seen twice, weighed in ${WEIGHINGS} fresh processes after garbage collection, external memory included.`,
    ],
  };
}

async function replayDay({ authority, settings: { churn: perHour } }: Bench): Promise<RowResult> {
  const start = Date.now();
  const day = await scenario(authority.folder, 'churn', {
    tokens: HOURS * perHour,
    madeAt: (index) => start + (index * 3_600_000) / perHour,
  });
  const child = heapChild(day);
  let churn: Churn;
  try {
    churn = await child.ask('churn', { start, hours: HOURS, perHour });
  } finally {
    await child.close();
  }
  return {
    row: 'heap',
    title: 'Memory over 24 simulated hours',
    unit: 'MB more than before the first token',
    figures: [4, 8, 12, 16, 20, 24].map((hour) => ({
      contender: `after ${hour} hours`,
      value: spreadOf([((churn.heap[hour - 1] as number) - churn.empty) / 1e6]),
    })),
    aims: [
      aim('the most in hours 13 to 24, of the most in hours 1 to 12', spreadOf([secondHalf(churn)]), {
        atMost: FLAT,
      }),
    ],
    notes: [
      `${perHour} new tokens an hour, each used twice and expired after an hour or so; keys refreshed every hour. Flat is: what comes leaves again.`,
    ],
  };
}

function heapChild({ authorityFile, tokensFile }: { authorityFile: string; tokensFile: string }) {
  return Child.start<HeapQuestions>('heap', [authorityFile, tokensFile]);
}

/** The highest weight of the second half of the day, of that of the first. */
function secondHalf({ empty, heap: weights }: Churn): number {
  const most = (from: number, to: number) => Math.max(...weights.slice(from, to)) - empty;
  return most(HOURS / 2, HOURS) / most(0, HOURS / 2);
}
