import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { interleaved, type Samples, samplesOf } from '../engine/rounds.js';
import type { Bench, Figure, Row, RowResult } from '../engine/row.js';
import { type Scenario, type Size, scenario, withOptions } from '../engine/scenario.js';
import { startServers } from '../engine/servers.js';
import { ratioOf, type Spread, spreadOf } from '../engine/statistics.js';
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
      const kinds: Record<string, { readonly ours: Samples<SizeName>; readonly floor?: Samples<SizeName> }> =
        {};
      for (const [kind, { measure, floor }] of Object.entries(KINDS)) {
        if (one.ofMemory && kind !== 'repeated') continue;
        kinds[kind] = {
          ours: await measure(bench, 'entra-guard', scenarios),
          // A longer token costs every validator more: what matters is how much more than the floor.
          ...(one.large.roles === undefined ? {} : { floor: await measure(bench, floor, scenarios) }),
        };
      }
      results.push({
        row: 'growth',
        title: `Growth: ${one.name}`,
        unit: 'tokens or requests/s',
        figures: Object.entries(kinds).flatMap(([kind, { ours, floor }]) => [
          ...figuresOf(kind, ours),
          ...(floor === undefined ? [] : figuresOf(`${kind}, ${KINDS[kind]?.floor}`, floor)),
        ]),
        aims: Object.entries(kinds).flatMap(([kind, { ours, floor }]) => [
          aim(`time of one token, ${kind}`, slowdown(ours), { atMost: AT_MOST }),
          ...(floor === undefined
            ? []
            : [
                aim(
                  `time of one token, ${kind}, of what ${KINDS[kind]?.floor} grows by`,
                  ofFloor(ours, floor),
                  {
                    atMost: AT_MOST,
                  },
                ),
              ]),
        ]),
        notes:
          one.large.roles === undefined
            ? []
            : [
                `The token is ${scenarios.large.tokens[0]?.length} characters long instead of ${scenarios.small.tokens[0]?.length}.`,
              ],
      });
    }
    return results;
  },
};

type Scenarios = Readonly<Record<SizeName, Scenario>>;

/** Each token is as good as new, since none is remembered; metadata is loaded, and code is compiled. */
function unseen(bench: Bench, name: ContenderName, scenarios: Scenarios): Promise<Samples<SizeName>> {
  const forgetful = {
    small: withOptions(scenarios.small, { cache: false }),
    large: withOptions(scenarios.large, { cache: false }),
  };
  return asked(bench, name, forgetful, (child) =>
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

async function serving(bench: Bench, name: ContenderName, scenarios: Scenarios): Promise<Samples<SizeName>> {
  const { httpRounds, httpRepeat } = bench.settings;
  const servers = await startServers(bench, 'express', SIZES, (size) => ({
    args: [name, scenarios[size].authorityFile],
  }));
  try {
    return await interleaved(SIZES, httpRounds, (size) =>
      servers.inTurn(size, scenarios[size].tokens, httpRepeat),
    );
  } finally {
    await servers.close();
  }
}

/** How a token is met, and what no guard can be faster than there. */
const KINDS: Readonly<Record<string, { readonly measure: typeof unseen; readonly floor: ContenderName }>> = {
  new: { measure: unseen, floor: 'needed work' },
  repeated: { measure: repeated, floor: 'crypto.hash + Map' },
  'repeated, over Express': { measure: serving, floor: 'hash-only guard' },
};

function slowdown(samples: Samples<SizeName>): Spread {
  return ratioOf(samplesOf(samples, 'small'), samplesOf(samples, 'large'));
}

/** How much more a longer token slows entra-guard down than the floor. */
function ofFloor(ours: Samples<SizeName>, floor: Samples<SizeName>): Spread {
  const growth = slowdown(floor).median;
  const large = samplesOf(ours, 'large');
  return spreadOf(samplesOf(ours, 'small').map((small, round) => small / (large[round] as number) / growth));
}

function figuresOf(kind: string, samples: Samples<SizeName>): readonly Figure[] {
  return SIZES.map((size) => ({ contender: `${kind}: ${size}`, value: spreadOf(samplesOf(samples, size)) }));
}
