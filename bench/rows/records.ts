import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { startVerifiers } from '../engine/verifiers.js';

const CALLERS = 100;
/** More rounds than elsewhere: it is a difference of some percent that is looked for. */
const TIMES = 5;
const WITHOUT = 'entra-guard';
const WITH = [
  'entra-guard, 0 records',
  'entra-guard, 10,000 records',
  'entra-guard, 1,000,000 records',
] as const satisfies readonly ContenderName[];

/** What revocations cost a token that comes again, and that none of them concerns. */
export const records: Row = {
  name: 'records',
  short: false,
  async run(bench) {
    const { rounds, repeat, clock } = bench.settings;
    const contenders = [WITHOUT, ...WITH] as const;
    const verifiers = await startVerifiers(bench, contenders, CALLERS);
    try {
      const many = { before: rounds.before, counted: TIMES * rounds.counted };
      const samples = await interleaved(contenders, many, (name) =>
        verifiers.again(name, { tokens: CALLERS, seconds: repeat, collects: false }),
      );
      return [
        {
          row: 'records',
          title: 'Repeated tokens, with revocations',
          unit: 'tokens/s',
          reference: WITHOUT,
          figures: figures(samples, WITHOUT),
          aims: WITH.map((name) =>
            aim(`time of one token, ${name.replace('entra-guard, ', '')}`, ratio(samples, WITHOUT, name), {
              atMost: 1.03,
            }),
          ),
          notes: [
            `${CALLERS} tokens in turn, by ${clock === 'wall' ? 'the wall clock' : 'processor time'}. The records are in memory, and concern other callers.`,
          ],
        },
      ];
    } finally {
      await verifiers.close();
    }
  },
};
