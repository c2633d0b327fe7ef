import type { EntraOptions } from '@entra-guard/core';
import type { LocalEntra } from '@entra-guard/testing';
import type { Operation, Outcome } from './rows.js';

/** An application that answers in one context. */
export interface RunningContext {
  /** @param authorization the whole value of the header */
  readonly call: (operation: Operation, authorization: string | undefined) => Promise<Outcome>;
  readonly close: () => Promise<unknown>;
}

export type StartContext = (entra: LocalEntra) => Promise<RunningContext>;

/** What all applications here are told: this one tenant, and to keep the log to themselves. */
export function quietOptions(entra: LocalEntra): EntraOptions {
  return { ...entra.options(), log: false };
}
