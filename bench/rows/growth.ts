import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { interleaved, type Samples, samplesOf } from '../engine/rounds.js';
import type { Bench, Figure, Row, RowResult } from '../engine/row.js';
import { type Scenario, type Size, scenario, withOptions } from '../engine/scenario.js';
import { startServers } from '../engine/servers.js';
import { ratioOf, spreadOf } from '../engine/statistics.js';
import { perSecond, type Timed } from '../engine/stopwatch.js';
import { startVerifier, type VerifierChild } from '../engine/verifiers.js';

/** What grows, from where to where; everything else stays. */
interface Growth {
  readonly name: string;
  readonly small: Size;
  readonly large: Size;
  /** Whether what grows is the memory of tokens: then only a token that comes again has to do with it. */
  readonly ofMemory: boolean;
}

const TOKENS = 1000;
const AT_MOST = 1.15;

function growths(many: number): readonly Growth[] {
  const remembering = { cache: { maxEntries: many, maxBytes: 2 ** 30 } };
  const growth = (name: string, small: Partial<Size>, large: Partial<Size>, ofMemory = false): Growth => ({
    name,
    small: { tokens: TOKENS, ...small },
    large: { tokens: TOKENS, ...large },
    ofMemory,
  });
  return [
    growth('1 → 1,000 tenants', { tenants: 1 }, { tenants: 1000 }),
    growth('1 → 200 roles in a token', { roles: 1 }, { roles: 200 }),
    growth('10 → 1,000 keys', { keys: 10 }, { keys: 1000 }),
    growth(
      `${shown(many / 10)} → ${shown(many)} remembered tokens`,
      { tokens: many / 10, options: remembering },
      { tokens: many, options: remembering },
      true,
    ),
  ];
}

function shown(count: number): string {
  return count.toLocaleString('en-US');
}

type SizeName = 'small' | 'large';
const SIZES = ['small', 'large'] as const;

/** What one request costs more when something around it is large. */
export const growth: Row = {
  name: 'growth',
  short: false,
  async run(bench) {
    const all = growths(bench.settings.manyRemembered);
    const results: RowResult[] = [];
    for (const [index, one] of all.entries()) {
      const scenarios = {
        small: await scenario(bench.authority.folder, `growth-${index}-small`, one.small),
        large: await scenario(bench.authority.folder, `growth-${index}-large`, one.large),
      };
      const kinds: Readonly<Record<string, Samples<SizeName>>> = {
        ...(one.ofMemory ? {} : { new: await unseen(bench, scenarios) }),
        repeated: await repeated(bench, 'entra-guard', scenarios),
        ...(one.ofMemory ? {} : { 'repeated, over Express': await serving(bench, scenarios) }),
      };
      const floor = one.large.roles === undefined ? undefined : await floorGrowth(bench, scenarios);
      results.push({
        row: 'growth',
        title: `Growth: ${one.name}`,
        unit: 'tokens or requests/s',
        figures: Object.entries(kinds).flatMap(([kind, samples]) => figuresOf(kind, samples)),
        aims: Object.entries(kinds).map(([kind, samples]) =>
          aim(`time of one token, ${kind}`, slowdown(samples), { atMost: AT_MOST }),
        ),
        notes:
          floor === undefined
            ? []
            : [
                `The token is ${scenarios.large.tokens[0]?.length} characters long instead of ${scenarios.small.tokens[0]?.length}: for crypto.hash + Map alone the time grows by ${floor.toFixed(2)} ×.`,
              ],
      });
    }
    return results;
  },
};

type Scenarios = Readonly<Record<SizeName, Scenario>>;

/** Each token is as good as new, since none is remembered; metadata is loaded, and code is compiled. */
function unseen(bench: Bench, scenarios: Scenarios): Promise<Samples<SizeName>> {
  const forgetful = {
    small: withOptions(scenarios.small, { cache: false }),
    large: withOptions(scenarios.large, { cache: false }),
  };
  return asked(bench, 'entra-guard', forgetful, (child) =>
    child.ask('once', { from: 0, count: TOKENS, lead: TOKENS / 5, inFlight: 1 }),
  );
}

function repeated(bench: Bench, name: ContenderName, scenarios: Scenarios): Promise<Samples<SizeName>> {
  const repetition = { tokens: TOKENS, seconds: bench.settings.repeat };
  return asked(bench, name, scenarios, (child) => child.ask('again', repetition));
}

/** Asks both sizes in turn, after they have met all of their tokens. */
async function asked(
  { settings }: Bench,
  name: ContenderName,
  scenarios: Scenarios,
  ask: (child: VerifierChild) => Promise<Timed>,
): Promise<Samples<SizeName>> {
  const start = ({ authorityFile, tokensFile }: Scenario) => startVerifier([name, authorityFile, tokensFile]);
  const children = { small: start(scenarios.small), large: start(scenarios.large) };
  try {
    for (const size of SIZES) await children[size].ask('remember', null);
    return await interleaved(SIZES, settings.rounds, async (size) =>
      perSecond(await ask(children[size]), settings.clock),
    );
  } finally {
    await Promise.all(SIZES.map((size) => children[size].close()));
  }
}

async function serving(bench: Bench, scenarios: Scenarios): Promise<Samples<SizeName>> {
  const { httpRounds, httpRepeat } = bench.settings;
  const servers = await startServers(bench, 'express', SIZES, (size) => ({
    args: ['entra-guard', scenarios[size].authorityFile],
  }));
  try {
    return await interleaved(SIZES, httpRounds, (size) =>
      servers.inTurn(size, scenarios[size].tokens, httpRepeat),
    );
  } finally {
    await servers.close();
  }
}

/** What a longer token costs whoever looks at all of it. */
async function floorGrowth(bench: Bench, scenarios: Scenarios): Promise<number> {
  return slowdown(await repeated(bench, 'crypto.hash + Map', scenarios)).median;
}

function slowdown(samples: Samples<SizeName>) {
  return ratioOf(samplesOf(samples, 'small'), samplesOf(samples, 'large'));
}

function figuresOf(kind: string, samples: Samples<SizeName>): readonly Figure[] {
  return SIZES.map((size) => ({ contender: `${kind}: ${size}`, value: spreadOf(samplesOf(samples, size)) }));
}
