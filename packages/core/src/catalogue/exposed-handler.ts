import type { Anonymous, Grant } from '../requirements/requirement.js';

/** What stands in front of a handler. */
export type HandlerAccess =
  /** A requirement, or the explicit opening. */
  | { readonly kind: 'requirement'; readonly requirement: Grant | Anonymous }
  /** Callers without a token are welcome; a token that is brought has to be good. */
  | { readonly kind: 'optional' }
  /**
   * Another guard stands in front of it, and none of entra-guard decides: who gets in is for that guard to say, and is not
   * judged. `guards` are the names of its class, or of several; `declares` is what is declared for entra-guard all the same.
   */
  | { readonly kind: 'other-guard'; readonly guards: readonly string[]; readonly declares?: string }
  /**
   * It was not decided about, or what was decided does not take effect: then everyone comes in, or no one. `declared`:
   * something was decided.
   */
  | {
      readonly kind: 'undecided';
      readonly effect: 'open' | 'denied';
      readonly why: string;
      readonly declared?: boolean;
    };

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
