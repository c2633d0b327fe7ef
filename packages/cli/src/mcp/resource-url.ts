import { mcpResourceProblem } from '@entra-guard/core';
import { BadInputError } from '../bad-input.js';

/** @throws BadInputError for a URL that can't be registered for an MCP server, with the code that Entra would answer */
export function assertResourceUrl(url: string): void {
  const problem = mcpResourceProblem(url);
  if (problem === undefined) return;
  throw new BadInputError(
    `--mcp is ${problem.found}, and ${problem.expected} is expected: clients would get ${problem.code}.`,
    problem.hint,
  );
}
