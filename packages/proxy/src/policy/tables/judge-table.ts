import { type AuthContext, ownOptions } from '@entra-guard/core';
import type { Policy, PolicyDecision } from '../policy.js';
import type { PolicyTest } from './caller.js';
import { contextOf } from './caller-context.js';

/** What became of one row of a table. */
export interface PolicyTestResult {
  readonly test: PolicyTest;
  readonly passed: boolean;
  readonly decision: PolicyDecision;
  /** What was expected and did not happen; empty where it passed. */
  readonly failure: string;
}

/** Options of {@link judgeTests}. */
export interface JudgeTestsOptions {
  /** Milliseconds since the epoch. Default `Date.now()`. */
  readonly now?: number;
  /**
   * The context of each row's caller, such as that of a real token. Default, and for rows that are not in it: a context that is
   * made without a token.
   */
  readonly contexts?: ReadonlyMap<PolicyTest, AuthContext>;
}

/**
 * Judges the table `tests` of a policy. Pure, if no contexts are given.
 *
 * @throws ConfigurationError where `NODE_ENV` is `production`, in which no caller is made up
 */
export function judgeTests(policy: Policy, options: JudgeTestsOptions = {}): readonly PolicyTestResult[] {
  const { now = Date.now(), contexts } = ownOptions('judgeTests()', options, ['now', 'contexts']);
  return policy.tests.map((test) => {
    const { caller, host, method, path } = test;
    const auth = contexts?.get(test) ?? (caller === undefined ? undefined : contextOf(caller, now));
    const decision = policy.decide({ host, method, path, auth, now });
    const failure = failureOf(test, decision);
    return { test, passed: failure === '', decision, failure };
  });
}

function failureOf({ allow, refuse, rule }: PolicyTest, decision: PolicyDecision): string {
  const became = decision.allow ? 'was allowed' : `was refused with ${decision.code}`;
  const by = decision.rule === undefined ? '' : ` by ${decision.rule}`;
  if (allow !== decision.allow) return `${became}${by}`;
  if (refuse !== undefined && refuse !== decision.code) return `${became}${by}, and not with ${refuse}`;
  return rule === undefined || rule === decision.rule ? '' : `${became}${by}, and not by ${rule}`;
}
