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
/** By then the first tokens have expired, and as many leave as come. */
const STEADY = 4;
/** Far less than a token that is not let go: room for what the engine itself does to its heap. */
const FLAT = 100;

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
      `${remembered.toLocaleString('en-US')} tokens weighed in ${WEIGHINGS} fresh processes, after garbage collection, external memory included.`,
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
    unit: 'MB of heap',
    figures: [STEADY, HOURS / 2, HOURS].map((hour) => ({
      contender: `after ${hour} hours`,
      value: spreadOf([(churn.heap[hour - 1] as number) / 1e6]),
    })),
    aims: [
      aim(
        `heap that each token leaves behind, hour ${STEADY} to ${HOURS}`,
        spreadOf(growthPerToken(churn)),
        { atMost: FLAT },
        'B',
      ),
    ],
    notes: [
      `${perHour} new tokens an hour, each used twice and expired after an hour or so; keys refreshed every hour. Flat is: what comes leaves again.`,
    ],
  };
}

function heapChild({ authorityFile, tokensFile }: { authorityFile: string; tokensFile: string }) {
  return Child.start<HeapQuestions>('heap', [authorityFile, tokensFile], { flags: ['--expose-gc'] });
}

/** From the steady state to each of the last six hours. */
function growthPerToken({ perHour, heap: weights }: Churn): readonly number[] {
  const steady = weights[STEADY - 1] as number;
  return weights.map((weight, index) => (weight - steady) / ((index + 1 - STEADY) * perHour)).slice(-6);
}
