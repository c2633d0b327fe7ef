import { isAgentInvolved } from '../../caller/agent-involved.js';
import type { AgentFacts } from '../../caller/auth-context.js';
import { AGENT_CLAIMS, agentsUnknown } from './agent-claims.js';
import { apart, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, refused } from './outcome.js';
import { given, guidsIn, knownOptions, printOptions } from './values.js';

export interface AgentsNode {
  readonly kind: 'agents';
  /** Application IDs in lower case, in order. Absent: any. */
  readonly identities?: readonly string[];
  /** Application IDs in lower case, in order. Absent: any. */
  readonly blueprints?: readonly string[];
}

export interface AgentsOptions {
  /** Application (client) IDs of agent identities: `azp` of the token. Default: any. */
  readonly identities?: readonly string[];
  /** Application IDs of agent identity blueprints: `xms_par_app_azp` of the token. Default: any. */
  readonly blueprints?: readonly string[];
}

export const agents = kind<AgentsNode, 'narrowing', [AgentsOptions]>({
  name: 'agents',
  role: 'narrowing',
  callers: 'both',
  claims: AGENT_CLAIMS,
  build: (options) => {
    const { identities, blueprints } = knownOptions('agents', options, ['identities', 'blueprints']);
    return {
      kind: 'agents',
      ...(identities === undefined
        ? {}
        : { identities: guidsIn('agents', 'identities', 'agent identity', identities) }),
      ...(blueprints === undefined
        ? {}
        : { blueprints: guidsIn('agents', 'blueprints', 'blueprint', blueprints) }),
    };
  },
  print: ({ identities, blueprints }) => printOptions({ identities, blueprints }),
  parse: (printed) => [printed.options()],
  read: (members) => [
    given({ identities: members.listed('identities'), blueprints: members.listed('blueprints') }),
  ],
  judge: ({ identities, blueprints }, { auth }) => {
    const involved = isAgentInvolved(auth);
    if (involved === undefined) return agentsUnknown('');
    if (!involved)
      return notOneOf('an AI agent', 'The token names no AI agent, and only AI agents may do this.');
    if (identities?.includes(auth.clientId) === false) {
      return notOneOf(
        'one of the listed agents',
        `The agent ${auth.clientId} is not on this requirement's list (${identities.join(', ')}). Add it in agents(...) if it should be.`,
      );
    }
    const { blueprintId } = auth.agent as AgentFacts;
    if (blueprints === undefined || (blueprintId !== undefined && blueprints.includes(blueprintId))) {
      return GRANTED_FREELY;
    }
    return notOneOf(
      'an agent of one of the listed blueprints',
      `The agent's blueprint, ${blueprintId ?? 'which the token does not name'}, is not on this requirement's list (${blueprints.join(', ')}).`,
      blueprintId === undefined ? 'xms_par_app_azp' : undefined,
    );
  },
  scopes: NO_SCOPES,
  together: apart,
});

const notOneOf = (missing: string, hint: string, claim?: string) =>
  refused('agent_not_allowed', missing, hint, claim);
