import { type Cell, table, wrapped } from '../table.js';
import type { FrontDay } from './ask-front.js';

/** Columns: the width of the terminal, at most 120. */
const width = Math.min(process.stdout.columns || 120, 120);

/** Prints what the server in front let pass. */
export function showFront({ by, fronted }: FrontDay): void {
  const place =
    by === 'nginx'
      ? 'nginx is in front of both, with the configuration that `entra-guard policy config nginx` prints, and asks the decision service about each request.'
      : 'There is no nginx here, so the decision service is asked as nginx would ask it.';
  const text = `One policy in front of anything: a wiki that knows nothing of identity, and the orders API on NestJS, which reads a signed assertion of who called instead of tokens. ${place}`;
  for (const line of wrapped(text, width)) console.log(line);
  console.log();
  const rows = fronted.map(({ who, request, status, behind, asExpected }): readonly Cell[] => [
    who,
    request,
    [status, asExpected ? (status.startsWith('2') ? 'green' : 'yellow') : 'red'],
    behind,
  ]);
  console.log(`${table(['who', 'request', 'status', 'what the application gets'], rows, width)}\n`);
}
