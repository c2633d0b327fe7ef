import { ConfigurationError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { AGENT_CLAIMS, agentsUnknown } from './agent-claims.js';
import { apart, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, type Outcome, refused } from './outcome.js';
import { given, guidsIn, knownOptions, printOptions, type Unknown, unknownOption } from './values.js';

/** As what an AI agent is kept out. */
export type AgentRole = 'either' | 'actor' | 'subject';

const ROLES: readonly unknown[] = ['either', 'actor', 'subject'] satisfies readonly AgentRole[];

export interface NoAgentsNode {
  readonly kind: 'noAgents';
  /** Absent: `'either'`. */
  readonly as?: 'actor' | 'subject';
  /** Client IDs in lower case, in order. Absent: none. */
  readonly except?: readonly string[];
  readonly unknown: Unknown;
}

export interface NoAgentsOptions {
  /**
   * As what agents are kept out: as the client that acts (`'actor'`), as the caller itself (`'subject'`), or as both. Default
   * `'either'`.
   */
  readonly as?: AgentRole;
  /**
   * Application IDs of clients that may act although they are agents, such as an editor in which people work. They are excused where
   * the token does not say either. An agent that is the caller itself never is. Default none.
   */
  readonly except?: readonly string[];
  /** What happens to tokens that do not say. Default `'deny'`. */
  readonly unknown?: Unknown;
}

export const noAgents = kind<NoAgentsNode, 'narrowing', [NoAgentsOptions]>({
  name: 'noAgents',
  role: 'narrowing',
  callers: 'both',
  claims: AGENT_CLAIMS,
  build: (options) => {
    const { as = 'either', except, unknown } = knownOptions('noAgents', options, ['as', 'except', 'unknown']);
    if (!ROLES.includes(as)) {
      throw new ConfigurationError(
        `noAgents() was given as: ${printable(as)}.`,
        "Use 'actor', 'subject' or 'either'.",
      );
    }
    if (except !== undefined && as === 'subject') {
      throw new ConfigurationError(
        "noAgents({ as: 'subject' }) was given except, which excuses clients that act.",
        'Leave one of the two out.',
      );
    }
    return {
      kind: 'noAgents',
      ...(as === 'either' ? {} : { as }),
      ...(except === undefined ? {} : { except: guidsIn('noAgents', 'except', 'client', except) }),
      unknown: unknownOption('noAgents', given({ unknown })),
    };
  },
  print: ({ as, except, unknown }) =>
    printOptions({ as, except, unknown: unknown === 'allow' ? unknown : undefined }),
  parse: (printed) => [printed.options()],
  read: (members) => [
    given({
      as: members.text('as') as AgentRole | undefined,
      except: members.listed('except'),
      unknown: members.text('unknown') as Unknown | undefined,
    }),
  ],
  judge: ({ as, except, unknown }, { auth }) => {
    const { actor, subject } = auth.agent ?? { actor: undefined, subject: undefined };
    if (except?.includes(auth.clientId) === true) return subject === true ? refusedAgent() : GRANTED_FREELY;
    const asked = [...(as === 'subject' ? [] : [actor]), ...(as === 'actor' ? [] : [subject])];
    if (asked.includes(true)) return refusedAgent();
    if (!asked.includes(undefined) || unknown === 'allow') return GRANTED_FREELY;
    return agentsUnknown(", or use noAgents({ unknown: 'allow' })");
  },
  scopes: NO_SCOPES,
  together: apart,
});

function refusedAgent(): Outcome {
  return refused('agent_not_allowed', 'a caller without an AI agent', 'AI agents may not do this.');
}
