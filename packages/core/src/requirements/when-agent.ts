import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { knownOptions } from './kinds/values.js';
import { isNarrowing } from './kinds.js';
import { assertRequirement, type Narrowing, Requirement } from './requirement.js';

/** How {@link whenAgent} treats a token that does not say whether an AI agent is involved. */
export interface WhenAgentOptions {
  /** As what such a caller counts. Default `'agent'`: the narrowing applies. */
  readonly unknown?: 'agent' | 'human';
}

/**
 * A narrowing that applies only where an AI agent acts, or is the caller. A token that does not say counts as an agent's, unless
 * `unknown: 'human'` (Entra Agent ID: agent token claims).
 *
 * ```ts
 * allOf(scopes('Orders.Write'), whenAgent(limit({ calls: 10, per: '1h' })));
 * ```
 *
 * @throws ConfigurationError for what is not a narrowing, for a `whenAgent` inside, and for unknown options
 */
export function whenAgent(narrowing: Narrowing, options: WhenAgentOptions = {}): Narrowing {
  assertRequirement('whenAgent(...)', narrowing);
  if (!isNarrowing(narrowing.node) || narrowing.node.kind === 'whenAgent') {
    throw new ConfigurationError(
      `whenAgent(...) was given ${narrowing}, which is not a narrowing that it can apply.`,
      "Pass one narrowing: allOf(scopes('…'), whenAgent(limit({ calls: 10, per: '1h' }))). For a second one, write a second whenAgent(...).",
    );
  }
  const { unknown = 'agent' } = knownOptions('whenAgent', options, ['unknown']);
  if (unknown !== 'agent' && unknown !== 'human') {
    throw new ConfigurationError(
      `whenAgent() was given unknown: ${printable(unknown)}.`,
      "Use 'agent' or 'human'.",
    );
  }
  return new Requirement(
    'narrowing',
    { kind: 'whenAgent', narrowing: narrowing.node, unknown },
    narrowing.reasons,
    narrowing.catalogues,
  );
}
