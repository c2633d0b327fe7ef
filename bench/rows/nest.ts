import { aim } from '../engine/aim.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { assertGuards, startServers } from '../engine/servers.js';

const OPEN = 'guard that returns true';
const HASHING = 'guard that only hashes';
const GUARDED = 'entra-guard (Nest)';
const CALLERS = 100;

/** What the module, the decorators and the guard add to a guard that decides nothing. */
export const nest: Row = {
  name: 'nest',
  short: true,
  async run(bench) {
    const { httpRounds, httpRepeat, connections } = bench.settings;
    const contenders = [OPEN, HASHING, GUARDED] as const;
    const servers = await startServers(bench, 'nest', contenders);
    try {
      await assertGuards(bench, servers, [GUARDED]);
      const tokens = bench.authority.tokens(CALLERS);
      // Few contenders, and close to each other: there is time for more rounds.
      const rounds = { ...httpRounds, counted: httpRounds.counted * 2 };
      const samples = await interleaved(contenders, rounds, (name) =>
        servers.inTurn(name, tokens, httpRepeat),
      );
      return [
        {
          row: 'nest',
          title: 'NestJS 12 over HTTP, repeated tokens',
          unit: 'requests/s',
          reference: OPEN,
          figures: figures(samples, OPEN).map((figure) => ({
            ...figure,
            beside: { 'CPU µs/request': servers.processorTime(figure.contender as typeof OPEN) },
          })),
          aims: [
            aim(`of a ${OPEN}`, ratio(samples, GUARDED, OPEN), { atLeast: 0.93 }),
            aim(`of a ${HASHING}`, ratio(samples, GUARDED, HASHING), { atLeast: 0.95 }),
          ],
          notes: [`${CALLERS} tokens in turn over ${connections} connections, on @nestjs/platform-express.`],
        },
      ];
    } finally {
      await servers.close();
    }
  },
};
