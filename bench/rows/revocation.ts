import { loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import { commanding, fillWithRecords, hasRedis, infoNumber, withRedis } from '../engine/redis.js';
import type { Bench, Row, RowResult } from '../engine/row.js';
import { quantile, spreadOf } from '../engine/statistics.js';
import type { RevocationQuestions, Started } from '../hosts/revocation.js';
import type { Stall } from '../hosts/stalls.js';

const PROCESSES = 8;
const REVOKED = 300;
const ROUNDS = 5;
/** How many records, and how often a process is started with them. */
const SIZES = [
  [10_000, 5],
  [100_000, 5],
  [1_000_000, 1],
] as const;
/** How often they are read again by each of these processes. */
const AGAIN = 3;
/** Milliseconds between two records: an operator's script, not a flood. */
const PAUSE = 5;
const IDLE_SECONDS = 20;

type Process = Child<RevocationQuestions>;

/** From revoking in one process to refusing in all, over Redis; starts with many records; and what it costs to be idle. */
export const revocation: Row = {
  name: 'revocation',
  short: false,
  async run(bench) {
    if (!hasRedis()) {
      bench.say('revocation: left out, redis-server is not installed.');
      return [];
    }
    const together = await withRedis(async (port) => {
      const processes = Array.from({ length: PROCESSES }, () => start(port));
      try {
        await Promise.all(processes.map((one) => one.ask('start', { weigh: false })));
        return [await idle(port), await revokeToRefusal(processes)];
      } finally {
        await Promise.all(processes.map((one) => one.close()));
      }
    });
    return [...together.reverse(), await startWithMany(bench)];
  },
};

function start(port: number): Process {
  return Child.start<RevocationQuestions>('revocation', [String(port)]);
}

/** What was measured by the wall clock says how busy the machine was. */
function load(): string {
  return `The load of the machine was ${(loadavg()[0] ?? 0).toFixed(1)}.`;
}

async function revokeToRefusal(processes: readonly Process[]): Promise<RowResult> {
  const [first] = processes as [Process];
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = new Map(
      await first.ask('revoke', { from: 1 + round * REVOKED, count: REVOKED, pause: PAUSE }),
    );
    rounds.push(await delaysOf(processes, begun));
  }
  const spread = (share: number) => spreadOf(rounds.map((delays) => quantile(delays, share)));
  return {
    row: 'revocation',
    title: `From revoke() to refusal, ${PROCESSES} processes`,
    unit: 'ms',
    figures: [
      { contender: 'half of them', value: spread(0.5) },
      { contender: '99 %', value: spread(0.99) },
      { contender: 'all', value: spread(1) },
    ],
    aims: [aim('99 % of refusals', spread(0.99), { atMost: 100 }, 'ms')],
    notes: [
      `${REVOKED} records in each of ${ROUNDS} rounds, one every ${PAUSE} ms or so, from the call in one process until each of the ${PROCESSES} refuses. Redis, with append-only file, and all processes on one machine, by the wall clock. ${load()}`,
    ],
  };
}

/** Milliseconds from each call to each refusal. Waits until all processes have refused all. */
async function delaysOf(
  processes: readonly Process[],
  begun: ReadonlyMap<string, number>,
): Promise<number[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const refused = await Promise.all(processes.map((one) => one.ask('refused', undefined as never)));
    const delays = refused.flatMap((records) =>
      records.flatMap(([id, at]) => {
        const from = begun.get(id);
        return from === undefined ? [] : [at - from];
      }),
    );
    if (delays.length === processes.length * begun.size) return delays;
    await setTimeout(100);
  }
  throw new Error('A record did not reach every process within 10 seconds.');
}

/** What processes send while nothing happens. */
async function idle(port: number): Promise<RowResult> {
  const { commands, connections } = await commanding(port, async (command) => {
    const processed = () => infoNumber(command, 'stats', /total_commands_processed:(\d+)/);
    const clients = String(await command('CLIENT', 'LIST'))
      .trim()
      .split('\n').length;
    const before = await processed();
    await setTimeout(1000 * IDLE_SECONDS);
    // The command that asks for the second number is in it.
    return { commands: (await processed()) - before - 1, connections: clients - 1 };
  });
  const one = (value: number) => spreadOf([value / PROCESSES]);
  return {
    row: 'revocation',
    title: 'Idle, for each process',
    unit: 'number',
    figures: [
      { contender: 'commands a second', value: one(commands / IDLE_SECONDS) },
      { contender: 'connections, with that of the application', value: one(connections) },
    ],
    aims: [],
    notes: [`${PROCESSES} processes, over ${IDLE_SECONDS} seconds, as Redis counts them.`],
  };
}

interface Size {
  readonly count: number;
  readonly started: readonly Started[];
  readonly again: readonly Stall[];
}

async function startWithMany({ say }: Bench): Promise<RowResult> {
  const sizes: Size[] = [];
  for (const [count, times] of SIZES) {
    say(`revocation: starts with ${count.toLocaleString('en-US')} records`);
    sizes.push(await withRedis((port) => startsWith(port, count, times)));
  }
  const shown = (count: number) => `${count.toLocaleString('en-US')} records`;
  const wall = (stalls: readonly Stall[]) => spreadOf(stalls.map((stall) => stall.wall));
  const processor = (stalls: readonly Stall[]) => spreadOf(stalls.map((stall) => stall.processor));
  const tenth = (value: number) => Math.round(10 * value) / 10;
  return {
    row: 'revocation',
    title: 'Start with many records, and read them again',
    unit: 'ms',
    figures: sizes.flatMap(({ count, started, again }) => {
      const stalls = started.map(({ stall }) => stall);
      const median = (of: (one: Started) => number) => spreadOf(started.map(of)).median;
      return [
        {
          contender: `${shown(count)}, until ready()`,
          value: spreadOf(started.map(({ milliseconds }) => milliseconds)),
          beside: {
            'processor time, s': tenth(median(({ processorSeconds }) => processorSeconds)),
            'heap, B a record': Math.round(median(({ bytesPerRecord }) => bytesPerRecord)),
            'process, B a record': Math.round(median(({ residentPerRecord }) => residentPerRecord)),
          },
        },
        {
          contender: `${shown(count)}, longest stall meanwhile`,
          value: wall(stalls),
          beside: { 'of that processor time, ms': tenth(processor(stalls).median) },
        },
        {
          contender: `${shown(count)}, longest stall while they are read again`,
          value: wall(again),
          beside: { 'of that processor time, ms': tenth(processor(again).median) },
        },
      ];
    }),
    aims: sizes.flatMap(({ count, started, again }) => [
      aim(
        `longest stall at the start with ${shown(count)}`,
        processor(started.map(({ stall }) => stall)),
        { atMost: 10 },
        'ms',
      ),
      aim(`longest stall while ${shown(count)} are read again`, processor(again), { atMost: 10 }, 'ms'),
    ]),
    notes: [
      `One process at a time, cutoffs of one user each; ${SIZES.map(([count, times]) => `${times} start${times === 1 ? '' : 's'} with ${shown(count)}`).join(', ')}. Records are read again every 5 minutes, and whenever entries may have been missed: here the stream was deleted, ${AGAIN} times for each start. The figures are by the wall clock, and the aims by the processor time in them. The memory is weighed after garbage collection. ${load()}`,
    ],
  };
}

async function startsWith(port: number, count: number, times: number): Promise<Size> {
  await fillWithRecords(port, count);
  const started: Started[] = [];
  const again: Stall[] = [];
  for (let time = 0; time < times; time++) {
    const child = start(port);
    try {
      started.push(await child.ask('start', { weigh: true }));
      for (let round = 0; round < AGAIN; round++) again.push(await readAgain(port, child));
    } finally {
      await child.close();
    }
  }
  return { count, started, again };
}

/** Has all records read again, which counts as missed entries, and returns the longest stall. */
function readAgain(port: number, child: Process): Promise<Stall> {
  return commanding(port, async (command) => {
    const pages = () => infoNumber(command, 'commandstats', /cmdstat_zscan:calls=(\d+)/);
    await command('CONFIG', 'RESETSTAT');
    await child.ask('watch', undefined as never);
    await command('DEL', '{entra-guard}:log');
    // What begins the stream anew may have them read twice. It is over once no page was read for two looks at the stream.
    for (let before = 0, quiet = 0; quiet < 3; ) {
      await setTimeout(1000);
      const now = await pages();
      quiet = now > 0 && now === before ? quiet + 1 : 0;
      before = now;
    }
    return child.ask('stall', undefined as never);
  });
}
