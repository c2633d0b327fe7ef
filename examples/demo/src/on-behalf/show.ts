import { type Cell, table, wrapped } from '../table.js';
import type { Passed } from './call-on-behalf.js';

/** Columns: the width of the terminal, at most 120. */
const width = Math.min(process.stdout.columns || 120, 120);

/** Prints who was seen by whom, request by request. */
export function showOnBehalf(passed: readonly Passed[]): void {
  const text =
    'On behalf of users: the orders API calls Graph and the stock API with tokens of its own for them, and each API sees the user and who acts for her. Then Conditional Access demands more of Grace for the stock API: that comes back as a challenge, which MSAL answers.';
  for (const line of wrapped(text, width)) console.log(line);
  console.log();
  const rows = passed.map(({ who, request, status, orders, token, next, asExpected }): readonly Cell[] => [
    who,
    request,
    [status, asExpected ? (status.startsWith('2') ? 'green' : 'yellow') : 'red'],
    orders,
    token,
    asExpected ? next : [`Not as expected: ${next}`, 'red'],
  ]);
  const titles = ['who', 'request', 'status', 'seen by orders', 'token for the next', 'seen by the next'];
  console.log(`${table(titles, rows, width)}\n`);
}
