import { styleText } from 'node:util';
import type { LogEntry } from '@entra-guard/express';
import type { Work } from './agents/work.js';
import type { FrontDay } from './front/ask-front.js';
import type { Leaving } from './leaver/leave.js';
import type { Passed } from './on-behalf/call-on-behalf.js';
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

/** Prints who shut a leaver out, and how soon each API refused. */
export function showLeaving({ stage, tellers, refusals }: Leaving): void {
  const place =
    stage.redis === undefined
      ? 'There is no redis-server here and no REDIS_URL, so all of it is in one process, and so are its revocations.'
      : `Each is a process of its own, and they share revocations over ${stage.redis.what}.`;
  const text = `A leaver. Grace has a token that is valid for another hour. With it she reads orders from the API on Express and from the one on NestJS, and a stream is open. ${place}`;
  for (const line of wrapped(text, width)) console.log(line);
  console.log();
  for (const { name, what } of tellers) {
    for (const line of wrapped(`${name}: ${what}`, width - 2)) console.log(`  ${line}`);
  }
  console.log();
  const rows = refusals.map(({ teller, where, how, after, afterRecord, asExpected }): readonly Cell[] => [
    teller,
    where,
    [how, asExpected ? 'yellow' : 'red'],
    `${after} ms`,
    `${afterRecord} ms`,
  ]);
  const titles = ['who tells', 'what Grace uses', 'what she gets', 'after', 'since the record was made'];
  console.log(`${table(titles, rows, width)}\n`);
  const note = '"after" counts from when the account is disabled, or the command is started.';
  for (const line of wrapped(note, width)) console.log(line);
  console.log();
}

/** Prints whether all answers were as expected, and what to do next. */
export function showSummary(
  played: readonly Played[],
  passed: readonly Passed[],
  { asked }: Work,
  { fronted }: FrontDay,
  { moments }: StricterDay,
  { refusals, letIn }: Leaving,
): void {
  const unexpected = [...played, ...passed, ...asked, ...fronted, ...moments, ...refusals].filter(
    ({ asExpected }) => !asExpected,
  ).length;
  const sent = `${played.length} requests to each API, ${passed.length} on behalf of users, ${asked.length} of people and agents to the MCP server, ${fronted.length} through a server in front, ${moments.length} on the day of the stricter rule and ${refusals.length} by the leaver`;
  console.log(
    unexpected === 0 && letIn
      ? styleText(
          'green',
          `${sent}, ${played.length * 2 + passed.length + asked.length + fronted.length + moments.length + refusals.length} in all: every answer is as expected.`,
        )
      : styleText(
          'red',
          `${sent}: ${unexpected} answers are not as expected.${letIn ? '' : ' Grace was not let in.'}`,
        ),
  );
  console.log(`
Next
  README.md                              how to put this in front of an API of yours
  npx @entra-guard/cli init              do that in a service that exists: it shows a patch, and writes a test
  examples/express-orders/src/app.ts     the API on Express
  examples/nestjs-orders/src             the API on NestJS
  examples/mcp-orders/src/app.ts         the MCP server, with limits for agents
  docs/revocation.md                     refuse leavers in all processes at once
  docs/proxy.md                          one policy in front of anything, Node or not
  docs/mcp.md                            MCP servers behind Entra
  docs/downstream.md                     call other APIs on behalf of users
  docs/walkthrough.md                    sign in on real pages, with a local Entra and a browser
  npx --yes pnpm@10.34.9 demo --serve    keeps everything running, with curl lines to paste`);
}
