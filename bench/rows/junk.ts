import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { inTurn } from '../engine/load.js';
import { interleaved, type Samples, samplesOf } from '../engine/rounds.js';
import type { Bench, Row } from '../engine/row.js';
import { type Servers, startServers } from '../engine/servers.js';
import { quantile, ratioOf, spreadOf } from '../engine/statistics.js';
import { type Arrivals, steadyLoad } from '../engine/steady-load.js';
import { junkTokens } from '../engine/tokens.js';
import { logging } from './refusals.js';

/** Without the option `log`: warnings go to stderr. */
const DEFAULTS = 'entra-guard (default log)';
const CONTENDERS = [
  'unguarded',
  'entra-guard',
  DEFAULTS,
  'express-oauth2-jwt-bearer',
] as const satisfies readonly ContenderName[];
type Name = (typeof CONTENDERS)[number];
const KINDS = ['quiet', 'disturbed'] as const;
type Kind = (typeof KINDS)[number];
type Cell = `${Name}, ${Kind}`;
const CALLERS = 100;
/** Of what entra-guard answers when it is asked as fast as it can. */
const SHARE = 0.2;

/** What good clients notice while somebody sends junk. */
export const junk: Row = {
  name: 'junk',
  short: false,
  async run(bench) {
    const { httpRepeat } = bench.settings;
    const servers = await startServers(bench, 'express', CONTENDERS, () => logging(bench.authority));
    try {
      const good = bench.authority.tokens(CALLERS);
      for (const name of CONTENDERS) await servers.inTurn(name, good, httpRepeat);
      const { requests, seconds } = await servers.load('entra-guard', inTurn(good, httpRepeat));
      const rate = (SHARE * requests) / seconds;
      const bad = junkTokens(good[0] ?? '', Math.ceil(rate * bench.settings.steady));
      const quiet = [{ tokens: good, rate }];
      const arrivals = { quiet, disturbed: [...quiet, { tokens: bad, rate }] };
      const samples = await tails(bench, servers, arrivals);
      const of = (name: Name, kind: Kind) => samplesOf(samples, `${name}, ${kind}`);
      const worse = (name: Name) => ratioOf(of(name, 'disturbed'), of(name, 'quiet'));
      return [
        {
          row: 'junk',
          title: 'p99 of good clients on Express 5 while junk tokens arrive',
          unit: 'ms',
          reference: 'the same without junk',
          figures: CONTENDERS.flatMap((name) => [
            { contender: `${name}, no junk`, value: spreadOf(of(name, 'quiet')) },
            {
              contender: `${name}, as much junk`,
              value: spreadOf(of(name, 'disturbed')),
              ratio: worse(name),
            },
          ]),
          aims: [
            aim('p99 with junk, of p99 without', worse('entra-guard'), { atMost: 2 }),
            aim('p99 with junk, of p99 without, default log', worse(DEFAULTS), { atMost: 2 }),
          ],
          notes: [
            `${Math.round(rate)} good requests a second, and as many with junk: forged signatures, made-up key IDs, expired tokens, garbage. For the unguarded route junk is just as much work as a good request.`,
          ],
        },
      ];
    } finally {
      await servers.close();
    }
  },
};

/** The p99 of the good clients, a sample a round. */
function tails(
  { settings: { steadyRounds, steady } }: Bench,
  servers: Servers<Name>,
  arrivals: Readonly<Record<Kind, readonly Arrivals[]>>,
): Promise<Samples<Cell>> {
  const cells = new Map<Cell, { readonly name: Name; readonly kind: Kind }>(
    CONTENDERS.flatMap((name) => KINDS.map((kind) => [`${name}, ${kind}`, { name, kind }] as const)),
  );
  return interleaved([...cells.keys()], steadyRounds, async (cell) => {
    const { name, kind } = cells.get(cell) as { readonly name: Name; readonly kind: Kind };
    const [good] = await steadyLoad(servers.origin(name), steady, arrivals[kind]);
    if (good === undefined || good.statuses.size !== 1 || !good.statuses.has(200)) {
      throw new Error(`${name} refused good clients: ${JSON.stringify([...(good?.statuses ?? [])])}`);
    }
    return quantile(good.milliseconds, 0.99);
  });
}
