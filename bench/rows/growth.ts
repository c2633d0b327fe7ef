import { aim } from '../engine/aim.js';
import { interleaved, type Samples, samplesOf } from '../engine/rounds.js';
import type { Bench, Figure, Row, RowResult } from '../engine/row.js';
import { type Scenario, type Size, scenario } from '../engine/scenario.js';
import { startServers } from '../engine/servers.js';
import { ratioOf, spreadOf } from '../engine/statistics.js';
import { perSecond } from '../engine/stopwatch.js';
import { startVerifier } from '../engine/verifiers.js';

/** What grows, from where to where; everything else stays. */
interface Growth {
  readonly name: string;
  readonly small: Size;
  readonly large: Size;
  /** Measured over HTTP too. */
  readonly http: boolean;
}

const TOKENS = 1000;
const AT_MOST = 1.15;

function growths(many: number): readonly Growth[] {
  const remembering = { cache: { maxEntries: many, maxBytes: 2 ** 30 } };
  const growth = (name: string, small: Partial<Size>, large: Partial<Size>, http = true): Growth => ({
    name,
    small: { tokens: TOKENS, ...small },
    large: { tokens: TOKENS, ...large },
    http,
  });
  return [
    growth('1 → 1,000 tenants', { tenants: 1 }, { tenants: 1000 }),
    growth('1 → 200 roles in a token', { roles: 1 }, { roles: 200 }),
    growth('10 → 1,000 keys', { keys: 10 }, { keys: 1000 }),
    growth(
      '10,000 → 100,000 remembered tokens',
      { tokens: many / 10, options: remembering },
      { tokens: many, options: remembering },
      false,
    ),
  ];
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
      const withoutHttp = await verifying(bench, scenarios);
      const floor = one.large.roles === undefined ? undefined : await floorGrowth(bench, scenarios);
      const kinds = {
        ...withoutHttp,
        ...(one.http ? { 'repeated, over Express': await serving(bench, scenarios) } : {}),
      };
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

async function verifying(
  { settings }: Bench,
  scenarios: Scenarios,
): Promise<{ readonly new: Samples<SizeName>; readonly repeated: Samples<SizeName> }> {
  const children = {
    small: startVerifier('entra-guard', scenarios.small.authorityFile, scenarios.small.tokensFile),
    large: startVerifier('entra-guard', scenarios.large.authorityFile, scenarios.large.tokensFile),
  };
  try {
    const unseen = await interleaved(SIZES, settings.rounds, async (size) => {
      await children[size].ask('forget', null as never);
      return perSecond(
        await children[size].ask('once', { from: 0, count: TOKENS, inFlight: 1 }),
        settings.clock,
      );
    });
    for (const size of SIZES) await children[size].ask('remember', null as never);
    const repeated = await interleaved(SIZES, settings.rounds, async (size) =>
      perSecond(
        await children[size].ask('again', { tokens: TOKENS, seconds: settings.repeat }),
        settings.clock,
      ),
    );
    return { new: unseen, repeated };
  } finally {
    await Promise.all(SIZES.map((size) => children[size].close()));
  }
}

async function serving(bench: Bench, scenarios: Scenarios): Promise<Samples<SizeName>> {
  const { httpRounds, httpRepeat } = bench.settings;
  const servers = await startServers(bench, 'express', SIZES, (size) => [
    'entra-guard',
    scenarios[size].authorityFile,
  ]);
  try {
    return await interleaved(SIZES, httpRounds, (size) =>
      servers.inTurn(size, scenarios[size].tokens, httpRepeat),
    );
  } finally {
    await servers.close();
  }
}

/** What a longer token costs whoever looks at all of it. */
async function floorGrowth({ settings }: Bench, scenarios: Scenarios): Promise<number> {
  const children = {
    small: startVerifier('crypto.hash + Map', scenarios.small.authorityFile, scenarios.small.tokensFile),
    large: startVerifier('crypto.hash + Map', scenarios.large.authorityFile, scenarios.large.tokensFile),
  };
  try {
    const samples = await interleaved(SIZES, settings.rounds, async (size) =>
      perSecond(
        await children[size].ask('again', { tokens: TOKENS, seconds: settings.repeat }),
        settings.clock,
      ),
    );
    return slowdown(samples).median;
  } finally {
    await Promise.all(SIZES.map((size) => children[size].close()));
  }
}

function slowdown(samples: Samples<SizeName>) {
  return ratioOf(samplesOf(samples, 'small'), samplesOf(samples, 'large'));
}

function figuresOf(kind: string, samples: Samples<SizeName>): readonly Figure[] {
  return SIZES.map((size) => ({ contender: `${kind}: ${size}`, value: spreadOf(samplesOf(samples, size)) }));
}
