import { mcpHostWarning, mcpResourceProblem } from '@entra-guard/core';
import { answerFaults } from './answer-faults.js';
import { authorityFaults } from './authority-faults.js';
import { type Fault, fault } from './fault.js';
import type { FaultName } from './faults.js';
import { authorizationServerFaults, metadataFaults } from './metadata-faults.js';
import type { ServerFacts } from './server-facts.js';

/** All that is wrong with a server, in the order in which it was looked at. */
export function faultsIn(facts: ServerFacts): readonly Fault[] {
  const { initialize, authority } = facts;
  const answers = answerFaults(facts);
  if (initialize.status === undefined) return [...urlFaults(facts), ...answers];
  const found = [
    ...urlFaults(facts),
    ...answers,
    ...metadataFaults(facts),
    ...authorizationServerFaults(facts),
    ...(authority === undefined ? [] : authorityFaults(authority)),
  ];
  // A server that is open, or something else than MCP, owes no metadata.
  return facts.used === undefined && answers.some(({ name }) => BEFORE_METADATA.has(name))
    ? found.filter(({ name }) => name !== 'no_metadata')
    : found;
}

const BEFORE_METADATA: ReadonlySet<FaultName> = new Set(['open', 'no_401', 'refused_for_good', 'redirects']);

function urlFaults({ text, authority }: ServerFacts): readonly Fault[] {
  // These are the rules of Entra.
  if (authority?.isEntra === false) return [];
  const problem = mcpResourceProblem(text);
  const warning = mcpHostWarning(text);
  return [
    ...(problem === undefined
      ? []
      : [
          fault('url_unfit', `${problem.found}, where ${problem.expected} is expected`, {
            code: problem.code,
            hint: problem.hint,
          }),
        ]),
    ...(warning === undefined ? [] : [fault('host_unverified', text, { hint: warning })]),
  ];
}
