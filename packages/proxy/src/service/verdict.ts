import type { AuthContext } from '@entra-guard/core';
import type { PolicyApp, PolicyRule } from '../policy/policy.js';

/** What was decided about a request. */
export type Verdict =
  | {
      readonly allowed: true;
      readonly app: PolicyApp;
      readonly rule: PolicyRule;
      /** `undefined` where the rule is open to every caller. */
      readonly auth: AuthContext | undefined;
    }
  | {
      readonly allowed: false;
      /** `undefined` where the host is of no application, or it was not asked clearly. */
      readonly app: PolicyApp | undefined;
      readonly rule: PolicyRule | undefined;
      /** What to answer. */
      readonly error: unknown;
    };
