import type { Command } from './command-line.js';
import { startLocalAuthority } from './local-authority.js';
import { machine } from './machine.js';
import { otherReports, readReports, withRows, writePages } from './pages.js';
import type { Report } from './report.js';
import type { Bench, RowResult } from './row.js';
import { aimTable, figureTable, plainTable } from './table.js';

/** Runs the rows one after another, prints the table, and gives the exit status. */
export async function runRows({ rows, settings, writes, adds }: Command): Promise<number> {
  const started = performance.now();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const authority = await startLocalAuthority();
  const bench: Bench = { settings, authority, setups: new Map(), say };
  const results: RowResult[] = [];
  const failed: string[] = [];
  try {
    for (const row of rows) {
      const begun = performance.now();
      try {
        for (const result of await row.run(bench)) {
          results.push(result);
          say(`\n${result.title}\n${plainTable(figureTable(result))}`);
          for (const note of result.notes) say(`  ${note}`);
        }
      } catch (error) {
        // The other rows took minutes too, and are worth having.
        failed.push(row.name);
        say(`\n${row.name} FAILED: ${error instanceof Error ? error.stack : String(error)}`);
      }
      say(`  (${row.name}: ${seconds(begun)} s)`);
    }
  } finally {
    await authority.close();
  }
  const report: Report = {
    node: process.versions.node,
    machine: machine(),
    setups: Object.fromEntries(bench.setups),
    rows: results,
  };
  say(`\n${plainTable(aimTable(results))}\n`);
  say(
    `${machine().join(', ')}; medians (quartiles in brackets), by ${settings.clock === 'wall' ? 'the clock on the wall' : 'processor time'}; ${seconds(started)} s in all`,
  );
  if (failed.length > 0) {
    say(`Rows that failed: ${failed.join(', ')}`);
    return 1;
  }
  const byClock = settings.clock === 'wall' ? 'the wall clock' : 'processor time';
  if (adds) {
    for (const file of writePages(withRows(readReports(), report, byClock))) say(`written: ${file}`);
  }
  if (writes) for (const file of writePages([...otherReports(report), report])) say(`written: ${file}`);
  return settings.short ? grossRegressions(results, say) : 0;
}

/** The short form is too short for more: it looks for what is worse by half in every round. */
function grossRegressions(results: readonly RowResult[], say: (line: string) => void): number {
  const gross = results.flatMap(({ title, aims }) =>
    aims.filter((one) => one.gross).map(({ what }) => `${title}: ${what}`),
  );
  for (const one of gross) say(`Far from its aim, by more than half: ${one}`);
  return gross.length === 0 ? 0 : 1;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}
