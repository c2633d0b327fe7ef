import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningContext, StartContext } from './host.js';
import { contextRows } from './rows.js';

/** Calls the operations of each host with every token of the table, and compares what comes back. */
export function describeContexts(hosts: readonly (readonly [name: string, start: StartContext])[]): void {
  describe.each(hosts)(`Nest ${process.env.NEST_MAJOR}, %s`, (_, start) => {
    let entra: LocalEntra;
    let running: RunningContext;

    beforeAll(async () => {
      entra = await startEntra();
      running = await start(entra);
    });

    afterAll(async () => {
      await running?.close();
      await entra?.close();
    });

    it.each(contextRows.map((row) => [row.name, row] as const))(
      '%s',
      async (_name, { operation, token, outcome }) => {
        expect(await running.call(operation, token(entra)?.headers.authorization)).toEqual(outcome);
      },
    );
  });
}
