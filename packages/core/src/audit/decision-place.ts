/** What an adapter knows of the place where a decision is made. */
export interface DecisionPlace {
  /** A name for people: `GET /orders`, `OrdersController.list`. */
  readonly handler?: string | undefined;
  /** Handed to checks. Default: the request itself. */
  readonly request?: unknown;
  /** Finds a provider for checks, in hosts that have them. */
  readonly resolve?: (token: unknown) => Promise<unknown>;
}
