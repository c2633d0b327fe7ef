import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOf } from './engine/build.js';
import { startLocalAuthority } from './engine/local-authority.js';
import { machine } from './engine/machine.js';
import { verdict } from './engine/ratios.js';
import { interleaved, samplesOf } from './engine/rounds.js';
import type { Bench } from './engine/row.js';
import { FULL, type Settings, SHORT } from './engine/settings.js';
import { ratioOf, spreadOf } from './engine/statistics.js';
import { plainTable, shownNumber, shownSpread } from './engine/table.js';
import { compared, PAIRS, SIDES, type Side } from './rows/compared.js';

const USAGE =
  'node bench/dist/compare.js --before <another checkout, built> [--short] [--only validator|guard|express|nest|local] [--pairs <number>] [--clock wall]';
const { before, short, clock, only, pairs } = parseArgs({
  options: {
    before: { type: 'string' },
    short: { type: 'boolean', default: false },
    clock: { type: 'string', default: 'processor' },
    only: { type: 'string', multiple: true, default: [...PAIRS] },
    pairs: { type: 'string' },
  },
}).values;
/** Few rounds in a process, and many processes: how well V8 compiled one of them is luck, and stays. */
const processes = Number(pairs ?? (short ? 8 : 16));
if (before === undefined || (clock !== 'wall' && clock !== 'processor') || !(processes >= 1)) {
  throw new Error(USAGE);
}
const chosen = PAIRS.filter((name) => only.includes(name));
if (chosen.length < new Set(only).size) throw new Error(USAGE);

const rounds = { before: short ? 1 : 2, counted: short ? 2 : 3 };
const lengths = { newTokens: 500, newHttpTokens: 500, lead: 100, repeat: 0.3, httpRepeat: 0.25 };
const settings: Settings = { ...(short ? SHORT : FULL), ...lengths, clock, rounds, httpRounds: rounds };

const authority = await startLocalAuthority();
const after = fileURLToPath(new URL('../..', import.meta.url));
const say = (line: string) => process.stdout.write(`${line}\n`);
const bench: Bench = { settings, authority, setups: new Map(), say };
const table = [['µs, less is better', 'before', 'after', 'after / before', 'difference']];
try {
  const builds = {
    before: buildOf(before, join(authority.folder, 'before')),
    after: buildOf(after, join(authority.folder, 'after')),
  };
  const starts = compared(bench, builds);
  for (const name of chosen) {
    const times = new Map<string, Record<Side, number[]>>();
    for (let started = 0; started < processes; started++) {
      const pair = await starts[name]();
      try {
        for (const [title, measure] of Object.entries(pair.measures)) {
          const samples = await interleaved(
            SIDES,
            rounds,
            async (side, round) => 1e6 / (await measure(side, round)),
          );
          const soFar = times.get(title) ?? { before: [], after: [] };
          for (const side of SIDES) soFar[side].push(...samplesOf(samples, side));
          times.set(title, soFar);
        }
      } finally {
        await pair.close();
      }
    }
    for (const [title, { before: old, after: now }] of times) {
      const ratio = ratioOf(now, old);
      const medians = [old, now].map((side) => shownNumber(spreadOf(side).median));
      table.push([title, ...medians, shownSpread(ratio), verdict(ratio)]);
      say((table.at(-1) ?? []).join('  '));
    }
  }
} finally {
  await authority.close();
}
say(`\n${plainTable(table)}\n`);
say(
  `${machine().join(', ')}; load ${loadavg().map(shownNumber).join(' ')}; ${processes} pairs of processes, ${processes * rounds.counted} rounds, medians and quartiles, by ${clock === 'wall' ? 'the clock on the wall' : 'processor time'}. It is a difference when three quarters of the rounds agree.`,
);
