import { loadavg } from 'node:os';
import type { DatabaseLibraryName } from '../contenders/postgres.js';
import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import { hasPostgres, withPostgres } from '../engine/postgres.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row, RowResult } from '../engine/row.js';
import { perSecond } from '../engine/stopwatch.js';
import type { PostgresQuestions } from '../hosts/postgres.js';

const LIBRARIES: readonly DatabaseLibraryName[] = ['pg', 'Knex', 'Drizzle', 'TypeORM'];

/** What a transaction costs in which PostgreSQL knows the caller and asks policies. */
export const postgres: Row = {
  name: 'postgres',
  short: false,
  async run({ settings: { rounds, repeat, clock }, say }) {
    if (!hasPostgres()) {
      say('postgres: left out, PostgreSQL is not installed.');
      return [];
    }
    return withPostgres(async ({ url, give }) => {
      const results: RowResult[] = [];
      for (const library of LIBRARIES) {
        const child = Child.start<PostgresQuestions>('postgres', [library, url]);
        const names = [`${library}, asCaller`, library] as const;
        try {
          await give(await child.ask('subject', undefined));
          const samples = await interleaved(names, rounds, async (name) =>
            perSecond(
              await child.ask('transactions', { as: name === library ? 'without' : 'with', seconds: repeat }),
              clock,
            ),
          );
          results.push({
            row: `postgres-${library.toLowerCase()}`,
            title: `A transaction with one query, ${library}`,
            unit: 'transactions/s',
            reference: library,
            figures: figures(samples, library),
            aims: [aim(`of ${library}`, ratio(samples, names[0], library), { atLeast: 0.5 })],
            notes: [
              `One after another on one connection: 100 of 10,000 rows, by a policy with asCaller, by a where without it. ${clock === 'wall' ? 'By the wall clock.' : 'By processor time of the process that asks; PostgreSQL is another one.'} The load of the machine was ${(loadavg()[0] ?? 0).toFixed(1)}.`,
            ],
          });
        } finally {
          await child.close();
        }
      }
      return results;
    });
  },
};
