import { type ContenderName, PEERS } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { startVerifiers } from '../engine/verifiers.js';

/** Different callers, each with one token. */
const CALLERS = 100;

/** Tokens that come again: what most requests of an API bring. */
export const repeatedTokens: Row = {
  name: 'repeated',
  short: true,
  async run(bench) {
    const { rounds, repeat, short } = bench.settings;
    const others: readonly ContenderName[] = short ? [] : PEERS;
    const contenders: readonly ContenderName[] = [
      ...new Set<ContenderName>(['crypto.hash + Map', 'entra-guard', 'fast-jwt (cache)', ...others]),
    ];
    const verifiers = await startVerifiers(bench, contenders, CALLERS);
    try {
      const samples = await interleaved(contenders, rounds, (name) =>
        verifiers.again(name, { tokens: CALLERS, seconds: repeat }),
      );
      return [
        {
          row: 'repeated',
          title: 'Repeated tokens, validated and evaluated',
          unit: 'tokens/s',
          reference: 'crypto.hash + Map',
          figures: figures(samples, 'crypto.hash + Map'),
          aims: [
            aim('of crypto.hash + Map', ratio(samples, 'entra-guard', 'crypto.hash + Map'), {
              atLeast: 0.85,
            }),
            aim('of fast-jwt (cache)', ratio(samples, 'entra-guard', 'fast-jwt (cache)'), { atLeast: 1.7 }),
          ],
          notes: [
            `${CALLERS} tokens in turn. entra-guard also judges the permission; the others only verify.`,
          ],
        },
      ];
    } finally {
      await verifiers.close();
    }
  },
};
