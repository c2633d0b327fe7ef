import { type ContenderName, PEERS } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { fastest, figures, ratio } from '../engine/ratios.js';
import { interleaved, type Samples } from '../engine/rounds.js';
import type { Bench, Row, RowResult } from '../engine/row.js';
import { assertGuards, type Servers, startServers } from '../engine/servers.js';
import { tokensOfRound } from '../engine/tokens.js';

const SHORT_PEERS = ['express-oauth2-jwt-bearer'] as const satisfies readonly ContenderName[];
const CALLERS = 100;

type Measure = (
  servers: Servers<ContenderName>,
  name: ContenderName,
  bench: Bench,
  round: number,
) => Promise<number>;

interface Kind {
  readonly row: string;
  readonly title: string;
  readonly note: string;
  /** What no guard can be faster than, with the unguarded route. */
  readonly floors: readonly ContenderName[];
  readonly measure: Measure;
  readonly aims: (samples: Samples<ContenderName>, peers: readonly ContenderName[]) => RowResult['aims'];
}

function expressRow({ row, title, note, floors, measure, aims }: Kind): Row {
  return {
    name: row,
    short: row === 'express-repeated',
    async run(bench) {
      const { httpRounds, short, connections } = bench.settings;
      const peers: readonly ContenderName[] = short ? SHORT_PEERS : PEERS;
      const contenders: readonly ContenderName[] = ['unguarded', ...floors, 'entra-guard', ...peers];
      const servers = await startServers(bench, 'express', contenders);
      try {
        await assertGuards(bench, servers, ['entra-guard', ...peers]);
        const samples = await interleaved(contenders, httpRounds, (name, round) =>
          measure(servers, name, bench, round),
        );
        return [
          {
            row,
            title,
            unit: 'requests/s',
            reference: 'unguarded',
            figures: figures(samples, 'unguarded').map((figure) => ({
              ...figure,
              beside: { 'CPU µs/request': servers.processorTime(figure.contender as ContenderName) },
            })),
            aims: aims(samples, peers),
            notes: [note, `${connections} connections that stay open, the load from another process.`],
          },
        ];
      } finally {
        await servers.close();
      }
    },
  };
}

const ofUnguarded = (samples: Samples<ContenderName>, atLeast: number) =>
  aim('of the unguarded route', ratio(samples, 'entra-guard', 'unguarded'), { atLeast });

/** The tokens of a hundred callers, again and again. */
export const expressRepeated = expressRow({
  row: 'express-repeated',
  title: 'Express 5 over HTTP, repeated tokens',
  note: `${CALLERS} tokens in turn. The guard that only hashes reads the header, looks the token's SHA-256 up in a Map and sets req.auth: what no guard can leave out that keeps no raw tokens.`,
  floors: ['hash-only guard'],
  measure: (servers, name, { authority, settings }) =>
    servers.inTurn(name, authority.tokens(CALLERS), settings.httpRepeat),
  aims: (samples, peers) => [
    ofUnguarded(samples, 0.88),
    aim('of the hash-only guard', ratio(samples, 'entra-guard', 'hash-only guard'), { atLeast: 0.95 }),
    ...(
      [
        ['express-oauth2-jwt-bearer', 1.7],
        ['express-jwt + jwks-rsa', 2.5],
        ['passport-azure-ad', 2.5],
      ] as const
    )
      .filter(([peer]) => peers.includes(peer))
      .map(([peer, atLeast]) => aim(`of ${peer}`, ratio(samples, 'entra-guard', peer), { atLeast })),
  ],
});

/** More tokens than some caches hold, and fewer than ours does. */
export const expressRotation = expressRow({
  row: 'express-rotation',
  title: 'Express 5 over HTTP, 5,000 tokens in rotation',
  note: 'Each was seen twice before. The caches of entra-guard and of fast-jwt hold 10,000.',
  floors: [],
  measure: (servers, name, { authority, settings }) =>
    servers.inTurn(name, authority.tokens(settings.rotation), settings.httpRepeat),
  aims: (samples) => [ofUnguarded(samples, 0.88)],
});

/** No token comes twice. */
export const expressNew = expressRow({
  row: 'express-new',
  title: 'Express 5 over HTTP, every token new',
  note: 'No round has a token of another. crypto.verify is a middleware that checks the signature and nothing else; needed work also parses the token and compares its claims.',
  floors: ['crypto.verify', 'needed work'],
  measure: (servers, name, { authority, settings }, round) =>
    servers.eachOnce(name, tokensOfRound(authority, round, settings.newHttpTokens)),
  aims: (samples, peers) => {
    const best = fastest(samples, peers);
    return [
      ofUnguarded(samples, 0.88),
      aim(`of the fastest peer, ${best}`, ratio(samples, 'entra-guard', best), { atLeast: 1 }),
    ];
  },
});
