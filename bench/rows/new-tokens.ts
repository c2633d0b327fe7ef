import { type ContenderName, PEERS } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { fastest, figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { startOfRound, tokensFor } from '../engine/tokens.js';
import { startVerifiers } from '../engine/verifiers.js';

const SHORT_PEERS = ['fast-jwt', 'jose'] as const satisfies readonly ContenderName[];

/** Each token is seen for the first time, and the next one waits for it. */
export const newTokens: Row = {
  name: 'new',
  short: true,
  async run(bench) {
    const { rounds, newTokens: count, lead, short } = bench.settings;
    const peers = short ? SHORT_PEERS : PEERS;
    const contenders = ['crypto.verify', 'needed work', 'entra-guard', ...peers] as const;
    const verifiers = await startVerifiers(bench, contenders, tokensFor(rounds, count));
    try {
      const samples = await interleaved(contenders, rounds, (name, round) =>
        verifiers.once(name, { from: startOfRound(round, count), count, lead, inFlight: 1 }),
      );
      const best = fastest(samples, peers);
      return [
        {
          row: 'new',
          title: 'New tokens, one at a time',
          unit: 'tokens/s',
          reference: 'crypto.verify',
          figures: figures(samples, 'crypto.verify'),
          aims: [
            aim('of crypto.verify', ratio(samples, 'entra-guard', 'crypto.verify'), { atLeast: 0.88 }),
            aim('of needed work', ratio(samples, 'entra-guard', 'needed work'), { atLeast: 0.95 }),
            aim(`of the fastest peer, ${best}`, ratio(samples, 'entra-guard', best), { atLeast: 1 }),
          ],
          notes: [
            'Needed work is what no validator can leave out: the signature, one parse of each part, the comparisons.',
          ],
        },
      ];
    } finally {
      await verifiers.close();
    }
  },
};

/** As many as an API has under way when it is busy. */
const IN_FLIGHT = 64;

/** Each token is seen for the first time, with others under way. */
export const newTokensInFlight: Row = {
  name: 'new-in-flight',
  short: false,
  async run(bench) {
    const { rounds, newTokens: count, lead } = bench.settings;
    const floors = ['crypto.verify', 'crypto.verify (thread pool)', 'needed work'] as const;
    const verifiers = await startVerifiers(
      bench,
      [...floors, 'entra-guard', ...PEERS],
      tokensFor(rounds, count),
    );
    try {
      const samples = await interleaved([...floors, 'entra-guard', ...PEERS], rounds, (name, round) =>
        verifiers.once(name, { from: startOfRound(round, count), count, lead, inFlight: IN_FLIGHT }),
      );
      const best = fastest(samples, PEERS);
      return [
        {
          row: 'new-in-flight',
          title: `New tokens, ${IN_FLIGHT} in flight`,
          unit: 'tokens/s',
          reference: 'crypto.verify',
          figures: figures(samples, 'crypto.verify'),
          aims: [
            aim('of jose', ratio(samples, 'entra-guard', 'jose'), { atLeast: 1 }),
            aim(`of the fastest peer, ${best}`, ratio(samples, 'entra-guard', best), { atLeast: 1 }),
          ],
          notes: [
            'Who answers at once verifies one after another: for them nothing is ever in flight.',
            'jose, and crypto.verify with a callback, use the thread pool and so more than one core.',
          ],
        },
      ];
    } finally {
      await verifiers.close();
    }
  },
};
