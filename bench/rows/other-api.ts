import { loadavg } from 'node:os';
import type { GetterName } from '../contenders/other-api.js';
import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import { figures, ratio } from '../engine/ratios.js';
import { hasRedis, withRedis } from '../engine/redis.js';
import { interleaved } from '../engine/rounds.js';
import type { Bench, Row, RowResult } from '../engine/row.js';
import { spreadOf } from '../engine/statistics.js';
import { type Clock, perSecond } from '../engine/stopwatch.js';
import type { OtherApiQuestions } from '../hosts/other-api.js';

const CALLERS = 100;
const REMEMBERED = 10_000;
const WEIGHINGS = 3;

const MEMORY = 'entra-guard, from the memory';
const STORE = 'entra-guard, from the store';
const CACHE = 'MSAL Node, from its cache';
const CACHE_OF_ONE = 'MSAL Node, from its cache, one caller';
const EXCHANGE = 'entra-guard, by an exchange';
const MSAL_EXCHANGE = 'MSAL Node, by an exchange';
const POST = 'form POST alone';

type Process = Child<OtherApiQuestions>;

/** What a token for another API costs on behalf of a caller: one that is there, and one that has to be got. */
export const otherApi: Row = {
  name: 'downstream',
  short: false,
  async run(bench) {
    if (!hasRedis()) {
      bench.say('downstream: left out, redis-server is not installed.');
      return [];
    }
    return withRedis(async (port) => [
      await kept(bench, port),
      await exchanged(bench, port),
      await weighed(port),
    ]);
  },
};

function start(name: GetterName, port: number): Process {
  return Child.start<OtherApiQuestions>('other-api', [name, String(port)]);
}

function byClock(clock: Clock): string {
  return clock === 'wall' ? 'by the wall clock' : 'by processor time';
}

/** What was measured on a busy machine says so. */
function load(): string {
  return `The load of the machine was ${(loadavg()[0] ?? 0).toFixed(1)}.`;
}

async function inTurn<Name extends GetterName>(
  { settings: { rounds } }: Bench,
  port: number,
  names: readonly Name[],
  measure: (child: Process, name: Name) => Promise<number>,
) {
  const children = new Map(names.map((name) => [name, start(name, port)]));
  try {
    return await interleaved(names, rounds, (name) => measure(children.get(name) as Process, name));
  } finally {
    await Promise.all([...children.values()].map((child) => child.close()));
  }
}

async function kept(bench: Bench, port: number): Promise<RowResult> {
  const { repeat, clock } = bench.settings;
  const samples = await inTurn(bench, port, [MEMORY, STORE, CACHE, CACHE_OF_ONE], async (child, name) => {
    const callers = name === CACHE_OF_ONE ? 1 : CALLERS;
    return perSecond(await child.ask('again', { callers, seconds: repeat }), clock);
  });
  return {
    row: 'downstream',
    title: 'A token for another API that is there already',
    unit: 'tokens/s',
    reference: CACHE,
    figures: figures(samples, CACHE),
    aims: [CACHE, CACHE_OF_ONE].map((name) =>
      aim(`of ${name}`, ratio(samples, MEMORY, name), { atLeast: 1 }),
    ),
    notes: [
      `${CALLERS} callers in turn, one at a time, ${byClock(clock)} of the process that asks; Redis is another one. MSAL Node searches its cache entry by entry, so it is also measured with one caller alone. From the store means read and opened each time, since the memory keeps nothing. ${load()}`,
    ],
  };
}

async function exchanged(bench: Bench, port: number): Promise<RowResult> {
  const samples = await inTurn(bench, port, [EXCHANGE, MSAL_EXCHANGE, POST], async (child) =>
    perSecond(await child.ask('once', CALLERS), bench.settings.clock),
  );
  return {
    row: 'downstream-exchange',
    title: 'A token for another API by an exchange',
    unit: 'tokens/s',
    reference: MSAL_EXCHANGE,
    figures: figures(samples, MSAL_EXCHANGE),
    aims: [aim(`of ${MSAL_EXCHANGE}`, ratio(samples, EXCHANGE, MSAL_EXCHANGE), { atLeast: 1 })],
    notes: [
      `${CALLERS} new callers a round, one at a time, ${byClock(bench.settings.clock)}. The local Entra is in the same process, and what it takes to check the assertion and to sign the token is in all figures: the form POST alone shows how much that is, at most. MSAL Node has a new application each round, so that its cache does not grow. ${load()}`,
    ],
  };
}

async function weighed(port: number): Promise<RowResult> {
  const weights: number[] = [];
  for (let weighing = 0; weighing < WEIGHINGS; weighing++) {
    const child = start(MEMORY, port);
    try {
      weights.push(await child.ask('weigh', REMEMBERED));
    } finally {
      await child.close();
    }
  }
  return {
    row: 'downstream-memory',
    title: 'Memory of tokens for another API',
    unit: 'B a caller',
    figures: [{ contender: 'entra-guard', value: spreadOf(weights) }],
    aims: [aim('memory per caller with a token', spreadOf(weights), { atMost: 4000 }, 'B')],
    notes: [
      `${REMEMBERED.toLocaleString('en-US')} callers with a token of 1.33 kB each, weighed in ${WEIGHINGS} fresh processes after garbage collection, external memory included. The tokens that these callers come with are not in it.`,
    ],
  };
}
