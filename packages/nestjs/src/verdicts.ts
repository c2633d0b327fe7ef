import type { AuthContext, DecisionPlace, Guard } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import { isThenable } from './decided-access.js';

interface Verdict {
  readonly core: Guard;
  readonly guard: Function;
  /** Of another guard, about the same call. */
  readonly before: Verdict | undefined;
}

/** What has been judged already: one call may meet the guard several times, installed for all and put on a class. */
const judged = new WeakMap<ExecutionContext, Verdict>();

/** Remembers that a guard has let a call pass. */
export function rememberPassed(context: ExecutionContext, core: Guard, guard: Function): void {
  judged.set(context, { core, guard, before: judged.get(context) });
}

/** Whether a guard of this class, over this guard of the core, has let the call pass already. */
export function hasPassed(context: ExecutionContext, core: Guard, guard: Function): boolean {
  for (let verdict = judged.get(context); verdict !== undefined; verdict = verdict.before) {
    if (verdict.core === core && verdict.guard === guard) return true;
  }
  return false;
}

/** Whether that guard has let the call pass, or one that extends it. */
export function hasPassedAny(context: ExecutionContext, core: Guard, guard: Function): boolean {
  for (let verdict = judged.get(context); verdict !== undefined; verdict = verdict.before) {
    const same = verdict.guard === guard || verdict.guard.prototype instanceof guard;
    if (verdict.core === core && same) return true;
  }
  return false;
}

type Caller = AuthContext | undefined;

/** What the core has said of a call, where a guard of the application's own makes something of it. */
const said = new WeakMap<DecisionPlace, { readonly requirement: unknown; readonly caller: unknown }>();

/** Notes what the core says of a call, and gives it on. */
export function noted(
  place: DecisionPlace,
  requirement: unknown,
  decided: Caller | Promise<Caller>,
): Caller | Promise<Caller> {
  const note = (caller: Caller): Caller => {
    said.set(place, { requirement, caller });
    return caller;
  };
  return isThenable(decided) ? decided.then(note) : note(decided);
}

/** Whether the core has found that this caller satisfies this requirement. */
export function coreSaid(place: DecisionPlace, requirement: unknown, caller: unknown): boolean {
  const verdict = said.get(place);
  return verdict !== undefined && verdict.requirement === requirement && verdict.caller === caller;
}
