import { createValidator } from '@entra-guard/core';
import { startEntra } from '@entra-guard/testing';
import { type DatabaseLibraryName, databaseLibraries } from '../contenders/postgres.js';
import { startStopwatch, type Timed } from '../engine/stopwatch.js';
import { answer } from './answering.js';

const [name = '', url = ''] = process.argv.slice(2);

const entra = await startEntra({ dangerouslyAllowProduction: true });
const { token } = entra.user('ada', { scp: 'Orders.Read' });
const auth = await createValidator(entra.options()).validate(token);
const library = await databaseLibraries[name as DatabaseLibraryName](url, auth);

const questions = {
  subject: (): string => auth.subjectKey,
  /** Transactions one after another. */
  transactions: async ({
    as,
    seconds,
  }: {
    readonly as: 'with' | 'without';
    readonly seconds: number;
  }): Promise<Timed> => {
    const rows = await library[as]();
    if (rows.length !== 100) throw new Error(`${name} ${as} the caller gave ${rows.length} rows.`);
    const watch = startStopwatch();
    let operations = 0;
    do {
      await library[as]();
      operations++;
    } while (watch.seconds() < seconds);
    return watch.stop(operations);
  },
};
export type PostgresQuestions = typeof questions;

answer(questions);
