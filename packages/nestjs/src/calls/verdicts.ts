import { AuthContext, authorize, type DecisionPlace, type Guard } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import { type HandlerAccess, isOpen } from '../handlers/handler-access.js';

interface Verdict {
  readonly core: Guard;
  readonly guard: Function;
  /** The verdict of another guard about this call. */
  readonly before: Verdict | undefined;
}

/** The guards that have let each call pass: a guard for all handlers may stand on a class as well. */
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

/** Whether a guard of this class, or of one that extends it, has let the call pass already. */
export function hasPassedAny(context: ExecutionContext, core: Guard, guard: Function): boolean {
  for (let verdict = judged.get(context); verdict !== undefined; verdict = verdict.before) {
    const same = verdict.guard === guard || verdict.guard.prototype instanceof guard;
    if (verdict.core === core && same) return true;
  }
  return false;
}

/** Whether a value is a caller that the core made, in any installed copy of it. Told by a brand, which `{ ...caller }` lacks. */
export function isCaller(value: unknown): value is AuthContext {
  return AuthContext.is(value);
}

type Caller = AuthContext | undefined;

/** What the core has decided about a call, for guards whose class has its own `decide`. */
const decided = new WeakMap<DecisionPlace, { readonly requirement: unknown; readonly caller: unknown }>();

/** Notes what the core decides about a call, and returns it. */
export async function noted(
  place: DecisionPlace,
  requirement: unknown,
  decision: Caller | Promise<Caller>,
): Promise<Caller> {
  const caller = await decision;
  decided.set(place, { requirement, caller });
  return caller;
}

/**
 * Judges a caller whom a subclass decided to let in, unless the core has judged this caller for this call. So a subclass can
 * refuse more than the core, never less.
 */
export async function confirm(access: HandlerAccess, caller: unknown, place: DecisionPlace): Promise<void> {
  if (!isCaller(caller) || access.mode !== 'require' || isOpen(access)) return;
  const { requirement } = access;
  const verdict = decided.get(place);
  if (verdict?.requirement === requirement && verdict.caller === caller) return;
  const { request, resolve } = place;
  await authorize(requirement, caller, { request, ...(resolve && { resolve }) });
}
