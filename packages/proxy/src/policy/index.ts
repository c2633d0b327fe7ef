export type { AccessChange, PolicyDifference, PolicyDiffOptions } from './diff/policy-diff.js';
export { policyDiff } from './diff/policy-diff.js';
export type { SettingChange } from './diff/setting-changes.js';
export type { Method, RuleMethod } from './match/methods.js';
export type {
  Policy,
  PolicyApp,
  PolicyDecision,
  PolicyMatch,
  PolicyQuestion,
  PolicyRequest,
  PolicyRule,
  PolicySessions,
  PolicySignIn,
} from './policy.js';
export { PolicyError, type PolicyProblem } from './policy-error.js';
export { policySchema } from './read/policy-shape.js';
export { type ReadPolicyOptions, readPolicy } from './read/read-policy.js';
export type { JsonSchema } from './read/shape.js';
export { rulesIn } from './rules-in.js';
export type { PolicyCaller, PolicyTest } from './tables/caller.js';
export { type JudgeTestsOptions, judgeTests, type PolicyTestResult } from './tables/judge-table.js';
export type { PolicyWarning, PolicyWarningCode } from './warnings.js';

/** The version of policy files that this package reads. */
export const POLICY_VERSION = 1;
