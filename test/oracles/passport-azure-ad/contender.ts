import type { AuthorityServer, Pages } from '../../support/authority-server.js';
import type { Ask, Seen, Setup, Throws } from './stand.mjs';

/** What can come of a request, or of the construction. */
export type Outcome =
  | Seen
  | Throws
  | { readonly kind: 'dies'; readonly of: string }
  | { readonly kind: 'hangs' };

/** One of those that are compared, before an authority of its own. */
export interface Contender {
  readonly authority: AuthorityServer;
  /** @returns how it failed, if it did */
  open(setup: Setup, extras: Extras): Promise<Outcome | undefined>;
  ask(ask: Ask): Promise<Outcome>;
  /** Time passes, in milliseconds. */
  advance(milliseconds: number): Promise<void>;
  /** Ends the application that was opened. */
  close(): Promise<void>;
  /** Ends everything. */
  end(): Promise<void>;
}

/** What a row says besides the application. */
export interface Extras {
  readonly documents: Pages;
  /** Options that only ours has. */
  readonly more: object;
  /** The application of the original goes on after uncaught exceptions. */
  readonly survive: boolean;
  /** Who is known to leave a request without an answer. Everybody else is waited for. */
  readonly hangs: 'neither' | 'original' | 'both';
}

/** How long those that are known to hang are waited for, milliseconds. */
export const PATIENCE = 400;
