import { styleText } from 'node:util';
import type { LogEntry } from '@entra-guard/express';
import type { Played } from './play.js';
import type { StricterDay } from './stricter.js';
import { type Cell, table, wrapped } from './table.js';

/** Columns: the width of the terminal, at most 120. */
const width = Math.min(process.stdout.columns || 120, 120);

/** Prints what is to be seen. @param origin the local Entra's */
export function showIntroduction(origin: string): void {
  const text = `One orders API, on Express and on NestJS, and how both answer different callers. Tokens come from a local Entra at ${origin}; Microsoft's MSAL fetches the valid ones.`;
  for (const line of wrapped(text, width)) console.log(line);
  console.log();
}

/** Prints the table of answers. */
export function showAnswers(played: readonly Played[]): void {
  const rows = played.map(({ scene, status, reason, asExpected }): readonly Cell[] => {
    const { who, caller, request } = scene;
    const asked = `${request.method} ${request.path}`;
    if (!asExpected) return [who, caller, asked, [status, 'red'], [reason, 'red']];
    return [who, caller, asked, [status, status.startsWith('2') ? 'green' : 'yellow'], reason];
  });
  console.log(`${table(['who', 'kind of caller', 'request', 'status', 'reason'], rows, width)}\n`);
}

/** Prints a log entry of the API, which explains a refusal and says what to do. Callers do not see it. */
export function showExplanation({ handler = '', message, hint = '' }: LogEntry): void {
  for (const line of wrapped(`${handler}: ${message}`, width - 2)) console.log(`  ${line}`);
  for (const line of wrapped(hint, width - 2)) console.log(`  ${styleText('bold', line)}`);
  console.log();
}

/** Prints how a rule became stricter, request by request, and what the log said. */
export function showStricterDay({ rule, moments, warnings }: StricterDay): void {
  console.log(`A rule that becomes stricter at midnight, on a simulated clock. Before that it refuses no other caller, and the audit
events say whom it will refuse:\n`);
  const [before, ...after] = warnings.map((entry) => ({ ...entry, handler: 'The log' }));
  for (const line of wrapped(`GET /orders/export: ${rule}`, width - 2)) console.log(`  ${line}`);
  console.log();
  if (before !== undefined) showExplanation(before);
  const rows = moments.map(({ time, who, status, event, asExpected }): readonly Cell[] => [
    time,
    who,
    [String(status), asExpected ? (status < 400 ? 'green' : 'yellow') : 'red'],
    asExpected ? event : [`Not as expected: ${event}`, 'red'],
  ]);
  console.log(`${table(['time', 'who', 'status', 'audit event'], rows, width)}\n`);
  for (const warning of after) showExplanation(warning);
}

/** Prints whether all answers were as expected, and what to do next. */
export function showSummary(played: readonly Played[], { moments }: StricterDay): void {
  const unexpected = [...played, ...moments].filter(({ asExpected }) => !asExpected).length;
  const sent = `${played.length} requests to each API and ${moments.length} on the day of the stricter rule`;
  console.log(
    unexpected === 0
      ? styleText(
          'green',
          `${sent}, ${played.length * 2 + moments.length} in all: every answer is as expected.`,
        )
      : styleText('red', `${sent}: ${unexpected} answers are not as expected.`),
  );
  console.log(`
Next
  README.md                              how to put this in front of an API of yours
  examples/express-orders/src/app.ts     the API on Express
  examples/nestjs-orders/src             the API on NestJS
  docs/walkthrough.md                    sign in on real pages, with a local Entra and a browser
  npx --yes pnpm@10.34.9 demo --serve    keeps everything running, with curl lines to paste`);
}
