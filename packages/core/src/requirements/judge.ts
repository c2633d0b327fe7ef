import type { Enough } from '../base/errors.js';
import { isAgentInvolved } from '../caller/agent-involved.js';
import type { JudgedFacts } from './kinds/kind.js';
import { GRANTED_FREELY, nothing, type Outcome, type RunNode, type Step } from './kinds/outcome.js';
import { sorted } from './kinds/values.js';
import { isLeaf, kindOf, type RequirementNode, type TightenNode, type WhenAgentNode } from './kinds.js';

export const NO_ANSWERS: ReadonlyMap<RunNode, boolean> = new Map();

/** Judges a node by the facts that are known; `pending` names what has to be found out next. */
export function judge(node: RequirementNode, facts: JudgedFacts): Outcome {
  if (isLeaf(node)) return kindOf(node).judge(node, facts);
  if (node.kind === 'tighten') return judgeByTime(node, facts);
  if (node.kind === 'whenAgent') return judgeWhenAgent(node, facts);
  const parts = node.of.map((part) => judge(part, facts));
  return node.kind === 'allOf' ? judgeAll(parts) : judgeAny(parts);
}

function judgeByTime({ now, next, until }: TightenNode, facts: JudgedFacts): Outcome {
  const { ahead, now: time = Date.now() } = facts;
  const switches = Date.parse(until);
  if (ahead || time >= switches) return judge(next, facts);
  if (time < switches) return judge(now, facts);
  // The clock gave no number. Which of the two decides is unknown, so that both have to let the caller in.
  return judgeAll([judge(now, facts), judge(next, facts)]);
}

function judgeWhenAgent({ narrowing, unknown }: WhenAgentNode, facts: JudgedFacts): Outcome {
  const applies = isAgentInvolved(facts.auth) ?? unknown === 'agent';
  return applies ? judge(narrowing, facts) : GRANTED_FREELY;
}

function judgeAll(parts: readonly Outcome[]): Outcome {
  const needs = (): Enough => union(parts.map((part) => part.needs()));
  if (parts.every((part) => part.state === 'granted')) return { state: 'granted', needs };
  const denied = parts.filter((part) => part.state === 'denied');
  // What can't be changed is named first; a challenge to step up only where nothing else is in the way.
  const [worst] = [...denied].sort((a, b) => b.distance - a.distance);
  if (worst === undefined) {
    const pending = parts.filter((part) => part.state === 'pending');
    const [next] = [...pending].sort((a, b) => rankOf(a.waitsFor) - rankOf(b.waitsFor));
    return { ...(next as Outcome), needs };
  }
  const missing = [...new Set(denied.flatMap((part) => part.denial.missing))];
  // To name permissions that the caller has would send the client round in circles.
  const lacking = denied.some((part) => Object.keys(part.denial.enough).length > 0);
  return {
    state: 'denied',
    needs,
    distance: denied.reduce((sum, part) => sum + part.distance, 0),
    denial: Object.freeze({
      ...worst.denial,
      missing: Object.freeze(missing),
      enough: lacking ? needs() : nothing(),
    }),
  };
}

/** Checks are asked when all else holds; a call is counted, and an approval used up, when nothing else can refuse it. */
function rankOf(step: Step): number {
  if (step === 'groups') return 0;
  return ({ check: 1, limit: 2, approval: 3 } as const)[step.kind];
}

function judgeAny(branches: readonly Outcome[]): Outcome {
  const open =
    branches.find((branch) => branch.state === 'granted') ?? branches.find((b) => b.state === 'pending');
  if (open) return open;
  const denied = branches.filter((branch) => branch.state === 'denied');
  return denied.reduce((nearest, next) => (next.distance < nearest.distance ? next : nearest));
}

function union(all: readonly Enough[]): Enough {
  const merge = (pick: (part: Enough) => readonly string[] | undefined) =>
    sorted(all.flatMap((part) => pick(part) ?? []));
  const merged = {
    scopes: merge((part) => part.scopes),
    userRoles: merge((part) => part.userRoles),
    appPermissions: merge((part) => part.appPermissions),
  };
  return Object.freeze(Object.fromEntries(Object.entries(merged).filter(([, list]) => list.length > 0)));
}
