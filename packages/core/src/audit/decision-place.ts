/** What an adapter knows about the place where a decision is made. */
export interface DecisionPlace {
  /** A name for people, such as `GET /orders` or `OrdersController.list`. */
  readonly handler?: string | undefined;
  /** The request that checks receive. Default: the request itself. */
  readonly request?: unknown;
  /** Finds a provider for checks, in hosts that have dependency injection. */
  readonly resolve?: (token: unknown) => Promise<unknown>;
}
