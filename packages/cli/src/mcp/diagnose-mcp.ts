import { BadInputError } from '../bad-input.js';
import type { Check } from '../doctor/check.js';
import type { Host } from '../host.js';
import { faultsIn } from './faults-in.js';
import { mcpChecks } from './mcp-checks.js';
import { examineServer } from './server-facts.js';
import { type Verdict, verdictsOn } from './verdicts.js';

/** What came of a look at an MCP server. */
export interface McpDiagnosis {
  readonly checks: readonly Check[];
  readonly clients: readonly Verdict[];
}

/**
 * Looks at an MCP server from outside, as its clients do, and says for each whether it connects.
 *
 * @throws BadInputError where the URL can't be asked
 */
export async function diagnoseMcp(host: Pick<Host, 'fetch'>, text: string): Promise<McpDiagnosis> {
  assertUrl(text);
  const facts = await examineServer(host, text);
  const faults = faultsIn(facts);
  return { checks: mcpChecks(facts, faults), clients: verdictsOn(facts, faults) };
}

function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new BadInputError(
      `--mcp is ${text}, which is not an http or https URL.`,
      'Name the URL at which clients reach the MCP server: https://mcp.contoso.com/mcp.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadInputError(
      '--mcp holds a user or a password.',
      'Leave them out: no credentials are needed, and none are sent.',
    );
  }
}
