import type { RequestLike } from '../credential/headers.js';
import type { Requirement } from '../requirements/requirement.js';

/** What an adapter knows about the place where a decision is made. */
export interface DecisionPlace {
  /** A name for people, such as `GET /orders` or `OrdersController.list`. */
  readonly handler?: string | undefined;
  /** The request that checks receive. Default: the request itself. */
  readonly request?: unknown;
  /** Finds a provider for checks, in hosts that have dependency injection. */
  readonly resolve?: (token: unknown) => Promise<unknown>;
  /** Gives what an `approval(...)` is about that does not say so itself: plain JSON data, such as the arguments of a tool. */
  readonly approves?: (() => unknown) | undefined;
}

/** What a guard is asked: may this request pass here? */
export interface Question {
  readonly request: RequestLike;
  /** `undefined` where only the caller is asked for, or nothing was declared. */
  readonly requirement: Requirement | undefined;
  readonly place: DecisionPlace;
}
