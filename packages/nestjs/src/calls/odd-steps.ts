import type { DecisionPlace, EntraGuardError, Guard } from '@entra-guard/core';
import { kindOf } from '../handlers/kind-of.js';
import { NO_REQUEST } from './given-steps.js';

/** A step of a guard, and the value that it gave in place of a decision. */
interface OddStep {
  /** The name of the guard's class. */
  readonly guard: string;
  readonly step: string;
  readonly given: unknown;
  /** For the hint: what the step has to give. */
  readonly expected: string;
}

/** For hints: what `requirementOf` and `decide` have to give. */
export const DECISIONS =
  "{ mode: 'require', requirement } with a requirement that grants or anonymous(), { mode: 'optional' }, or undefined to refuse";

/** The refusal of a call because a step that a subclass overrides gave something that is not a decision. */
export function oddStep(core: Guard, handler: string, odd: OddStep): EntraGuardError {
  const { guard, step, given, expected } = odd;
  return core.refuse(
    NO_REQUEST,
    { handler },
    {
      message: `${handler} was called, and ${guard}.${step} gave ${kindOf(given)}, which is not a decision.`,
      hint: `${step} of ${guard} has to give ${expected}.`,
    },
  );
}

/** The refusal of a call whose credentials are not visible in its context. */
export function unseenCredentials(core: Guard, place: DecisionPlace, type: string): EntraGuardError {
  return core.refuse(NO_REQUEST, place, {
    message: `${place.handler} was called, and its ${type} context does not show the request that credentials come with.`,
    hint: 'See the page on contexts: what the context has to hold, and how to connect an adapter to the connections.',
  });
}
