import type { Anonymous, Grant } from './requirement.js';

/** What decides who may call a handler. */
export type HandlerAccess =
  /** A requirement, or the explicit opening. */
  | { readonly kind: 'requirement'; readonly requirement: Grant | Anonymous }
  /** Callers without a token are let in; a token that is sent must be valid. */
  | { readonly kind: 'optional' }
  /**
   * Another guard decides, and entra-guard does not: who that guard lets in is not known here. `guards` names its class, or
   * several; `declares` is what is declared for entra-guard without effect.
   */
  | { readonly kind: 'other-guard'; readonly guards: readonly string[]; readonly declares?: string }
  /**
   * No requirement takes effect: every caller is let in (`open`), or no caller (`denied`). `declared`: a requirement is
   * declared, and has no effect.
   */
  | {
      readonly kind: 'undecided';
      readonly effect: 'open' | 'denied';
      readonly why: string;
      readonly declared?: boolean;
    };

/** One route or handler of an application, as an adapter finds it. An inventory is made of these. */
export interface ExposedHandler {
  /** In upper case; `ALL` for any method. */
  readonly method: string;
  /** The whole path, including what it is mounted at: `/orders/:id`. */
  readonly path: string;
  /** The handler's name, if it has one: `OrdersController.list`. */
  readonly handler?: string;
  readonly access: HandlerAccess;
}
