import type { Anonymous, Grant } from '../requirements/requirement.js';

/** What stands in front of a handler. */
export type HandlerAccess =
  /** A requirement, or the explicit opening. */
  | { readonly kind: 'requirement'; readonly requirement: Grant | Anonymous }
  /** Callers without a token are welcome; a token that is brought has to be good. */
  | { readonly kind: 'optional' }
  /** Nobody decided, or what was decided does not take effect: then everybody comes in, or nobody. */
  | { readonly kind: 'undecided'; readonly effect: 'open' | 'denied'; readonly why: string };

/** One route or handler of an application, as an adapter finds it. The raw material of an inventory. */
export interface ExposedHandler {
  /** In upper case; `ALL` for any method. */
  readonly method: string;
  /** With the paths it is mounted at: `/orders/:id`. */
  readonly path: string;
  /** The handler's own name, where it has one: `OrdersController.list`. */
  readonly handler?: string;
  readonly access: HandlerAccess;
}
