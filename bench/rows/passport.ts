import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { assertGuards, startServers } from '../engine/servers.js';
import { tokensOfRound } from '../engine/tokens.js';

const OURS = 'entra-guard (Passport)';
const THEIRS = 'passport-azure-ad';
const CONTENDERS = [THEIRS, OURS, 'entra-guard'] as const satisfies readonly ContenderName[];
const CALLERS = 100;

/** What one gains by changing one import. */
export const passport: Row = {
  name: 'passport',
  short: false,
  async run(bench) {
    const { httpRounds, httpRepeat, newHttpTokens } = bench.settings;
    const servers = await startServers(bench, 'express', CONTENDERS);
    const { authority } = bench;
    try {
      await assertGuards(bench, servers, [THEIRS, OURS]);
      const repeated = await interleaved(CONTENDERS, httpRounds, (name) =>
        servers.inTurn(name, authority.tokens(CALLERS), httpRepeat),
      );
      const unseen = await interleaved(CONTENDERS, httpRounds, (name, round) =>
        servers.eachOnce(name, tokensOfRound(authority, round, newHttpTokens)),
      );
      const common = { unit: 'requests/s', reference: THEIRS };
      const notes = ['Both behind Passport on Express 5, with the same options and the same callback.'];
      return [
        {
          ...common,
          row: 'passport',
          title: 'BearerStrategy over HTTP, repeated tokens',
          figures: figures(repeated, THEIRS),
          aims: [aim(`of ${THEIRS}`, ratio(repeated, OURS, THEIRS), { atLeast: 1 })],
          notes,
        },
        {
          ...common,
          row: 'passport-new',
          title: 'BearerStrategy over HTTP, every token new',
          figures: figures(unseen, THEIRS),
          aims: [aim(`of ${THEIRS}`, ratio(unseen, OURS, THEIRS), { atLeast: 1 })],
          notes,
        },
      ];
    } finally {
      await servers.close();
    }
  },
};
