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
  /** The tool, prompt or resource that is called, for audit events. */
  readonly tool?: string | undefined;
  /** The digest of what a tool is called with: SHA-256 of its canonical JSON (RFC 8785), base64url. */
  readonly argumentsDigest?: string | undefined;
  /** The W3C Trace Context of the call, where it has one of its own. What is malformed is ignored. */
  readonly traceparent?: string | undefined;
}

/** What a guard is asked: may this request pass here? */
export interface Question {
  readonly request: RequestLike;
  /** `undefined` where only the caller is asked for, or nothing was declared. */
  readonly requirement: Requirement | undefined;
  readonly place: DecisionPlace;
}
