import { evaluate } from '@entra-guard/core';
import type { PolicyDecision, PolicyMatch, PolicyQuestion } from './policy.js';

/** Decides about a request whose rule is known. */
export function decideMatched(match: PolicyMatch, question: PolicyQuestion): PolicyDecision {
  if (match.error !== undefined) {
    const { app, error } = match;
    return { allow: false, rule: undefined, app: app?.name, code: error.code, error };
  }
  const { rule } = match;
  const decided = { rule: rule.path, app: rule.app };
  if (rule.requirement.role === 'anonymous') return { allow: true, ...decided };
  const own = <Name extends keyof PolicyQuestion>(name: Name): PolicyQuestion[Name] | undefined =>
    Object.hasOwn(question, name) ? question[name] : undefined;
  const auth = own('auth');
  if (auth === undefined) return { allow: false, ...decided, code: 'credentials_missing' };
  const [now, groups] = [own('now'), own('groups')];
  const decision = evaluate(rule.requirement, auth, {
    ...(now === undefined ? {} : { now }),
    ...(groups === undefined ? {} : { groups }),
  });
  if (decision.granted === true) return { allow: true, ...decided };
  return { allow: false, ...decided, code: decision.code, denial: decision };
}
