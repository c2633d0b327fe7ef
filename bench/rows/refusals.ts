import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import type { LocalAuthority } from '../engine/local-authority.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Bench, Row } from '../engine/row.js';
import { type Start, startServers } from '../engine/servers.js';
import { changed, userClaims } from '../engine/tokens.js';

/** Requests of one kind, and the status that each is answered with. */
interface Requests {
  readonly tokens: readonly string[];
  readonly status: number;
}

const BEFORE_SIGNATURE = ['no credentials', 'malformed', 'expired', 'wrong audience'] as const;
const AFTER_SIGNATURE = ['forged signature', 'scope missing'] as const;
export const REQUESTS = ['good', ...BEFORE_SIGNATURE, ...AFTER_SIGNATURE] as const;
type Kind = (typeof REQUESTS)[number];
export const SHORT_REQUESTS = [
  'good',
  'expired',
  'forged signature',
  'scope missing',
] as const satisfies readonly Kind[];

const CALLERS = 100;
/** So many different ones in turn. */
const JUNK = 500;

/** Good tokens and wrong ones, by what is wrong with them. */
export function requestsOf(authority: LocalAuthority): Readonly<Record<Kind, Requests>> {
  const good = authority.tokens(CALLERS);
  const junk = (make: (index: number) => string): Requests => ({
    tokens: Array.from({ length: JUNK }, (_, index) => make(index)),
    status: 401,
  });
  /** Each with an ID of its own, so that a guard that remembers refused tokens does not know it. */
  const each = (token: string): Requests => {
    const [header = '', claims = '', signature = ''] = token.split('.');
    return junk(
      () => `${header}.${changed(claims, { uti: randomBytes(16).toString('base64url') })}.${signature}`,
    );
  };
  const partsOf = (index: number) => (good[index % CALLERS] as string).split('.');
  return {
    good: { tokens: good, status: 200 },
    'no credentials': { tokens: [''], status: 401 },
    malformed: junk(() => randomBytes(900).toString('base64url')),
    expired: each(authority.wrong.expired(userClaims('ada')).token),
    'wrong audience': each(authority.wrong.audience(userClaims('ada')).token),
    // A good signature of another token: nothing but the whole verification finds that out.
    'forged signature': junk((index) => {
      const other = index + 1 + (Math.floor(index / CALLERS) % (CALLERS - 1));
      return [...partsOf(index).slice(0, 2), partsOf(other)[2]].join('.');
    }),
    'scope missing': {
      tokens: good.map(
        (_, index) =>
          authority.user(`user${index}`, { ...userClaims(`user${index}`), scp: 'Orders.Write' }).token,
      ),
      status: 403,
    },
  };
}

/** Where a guard with its default log writes to: a file, so that warnings do not come between the figures. */
export function logging({ folder }: LocalAuthority): Start {
  return { logFile: join(folder, 'log.txt') };
}

const CONSTANT = 'constant 401';
const NEEDED = 'needed work + constant 401';
const OURS = 'entra-guard (default log)';
const SILENT = 'entra-guard';

interface Cell {
  readonly server: ContenderName;
  readonly kind: Kind;
  /** Instead of what entra-guard answers. */
  readonly status?: number;
}

/** What a server pays for a request that it refuses. */
export const refusals: Row = {
  name: 'refusals',
  short: false,
  async run(bench) {
    const { httpRounds, httpRepeat } = bench.settings;
    const cells = new Map<string, Cell>([
      [CONSTANT, { server: CONSTANT, kind: 'expired' }],
      [`${CONSTANT}, no credentials`, { server: CONSTANT, kind: 'no credentials' }],
      [NEEDED, { server: NEEDED, kind: 'good', status: 401 }],
      ...[OURS, SILENT].flatMap((server) =>
        REQUESTS.map((kind): [string, Cell] => [
          `${server}: ${kind}`,
          { server: server as ContenderName, kind },
        ]),
      ),
    ]);
    const names = [...new Set([...cells.values()].map(({ server }) => server))];
    const servers = await startServers(onProcessorTime(bench), 'express', names, () =>
      logging(bench.authority),
    );
    try {
      const requests = requestsOf(bench.authority);
      const samples = await interleaved([...cells.keys()], httpRounds, async (name) => {
        const { server, kind, status } = cells.get(name) as Cell;
        const { tokens, status: usual } = requests[kind];
        return 1e6 / (await servers.inTurn(server, tokens, httpRepeat / 2, status ?? usual));
      });
      const held = (kind: Kind, what: string, to: string) =>
        aim(`${kind}, ${what}`, ratio(samples, `${OURS}: ${kind}`, to), { atMost: 1.3 });
      return [
        {
          row: 'refusals',
          title: 'Refusals on Express 5 over HTTP',
          unit: 'CPU µs/request',
          reference: CONSTANT,
          figures: figures(samples, CONSTANT),
          aims: [
            ...BEFORE_SIGNATURE.map((kind) =>
              held(
                kind,
                'of a constant 401',
                kind === 'no credentials' ? `${CONSTANT}, no credentials` : CONSTANT,
              ),
            ),
            ...AFTER_SIGNATURE.map((kind) => held(kind, `of ${NEEDED}`, NEEDED)),
          ],
          notes: [
            'Processor time of the server, all threads, kept-alive connections, the load from one other process.',
            `"default log" is the guard without the option \`log\`, whose warnings go to stderr, here a file; "entra-guard" alone has \`log: false\`. The aims are for the default.`,
            `Each kind of junk is ${JUNK.toLocaleString('en-US')} different tokens in turn; "scope missing" has ${CALLERS} that are remembered.`,
          ],
        },
      ];
    } finally {
      await servers.close();
    }
  },
};

function onProcessorTime(bench: Bench): Bench {
  return { ...bench, settings: { ...bench.settings, clock: 'processor' } };
}
