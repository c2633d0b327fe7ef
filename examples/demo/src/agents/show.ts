import { type Cell, table, wrapped } from '../table.js';
import type { Work } from './work.js';

/** Columns: the width of the terminal, at most 120. */
const width = Math.min(process.stdout.columns || 120, 120);

/** Prints what people and agents asked of the MCP server, and its audit trail. */
export function showWork({ asked, trail }: Work): void {
  const text =
    'An MCP server for orders. Ada uses it from an editor, which signs her in and asks for more when a tool needs it. An agent on her behalf may read; what it wants to pay, she looks at first, and her approval is for that payment, once.';
  for (const line of wrapped(text, width)) console.log(line);
  console.log();
  const rows = asked.map(({ who, asked: what, answer, asExpected }): readonly Cell[] => [
    who,
    what,
    asExpected
      ? [answer, /^(done|approved|signs|orders)/.test(answer) ? 'green' : 'yellow']
      : [answer, 'red'],
  ]);
  console.log(`${table(['who', 'asks the server to', 'what comes of it'], rows, width)}\n`);
  console.log('Its audit trail, without any of the arguments:\n');
  const lines = trail.map((line): readonly Cell[] => [
    line.tool,
    [line.outcome, line.outcome === 'allow' ? 'green' : 'yellow'],
    line.user,
    line.arguments,
    line.approval,
    line.actor,
  ]);
  const titles = ['tool', 'outcome', 'for', 'arguments', 'approval', 'by'];
  console.log(`${table(titles, lines, width)}\n`);
}
