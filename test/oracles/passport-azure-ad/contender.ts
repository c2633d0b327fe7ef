import type { AuthorityServer, Pages } from '../../support/authority-server.js';
import type { Ask, Seen, Setup, Throws } from './stand.mjs';

/** The outcome of a request, or of the construction. */
export type Outcome =
  | Seen
  | Throws
  | { readonly kind: 'dies'; readonly of: string }
  | { readonly kind: 'hangs' };

/** One of the two strategies that are compared, with its own authority. */
export interface Contender {
  readonly authority: AuthorityServer;
  /**
   * Starts an application.
   * @returns how the construction failed, if it did
   */
  open(setup: Setup, extras: Extras): Promise<Outcome | undefined>;
  ask(ask: Ask): Promise<Outcome>;
  /** Advances the clock by milliseconds. */
  advance(milliseconds: number): Promise<void>;
  /** Stops the application. */
  close(): Promise<void>;
  /** Ends everything. */
  end(): Promise<void>;
}

/** What a row sets in addition to the application. */
export interface Extras {
  readonly documents: Pages;
  /** Options that only entra-guard has. */
  readonly more: object;
  /** Whether the application of the original survives uncaught exceptions. */
  readonly survive: boolean;
  /** Which strategy is known not to answer. The test waits for the answers of the other. */
  readonly hangs: 'none' | 'original' | 'both';
}

/** Milliseconds to wait for a strategy that is known not to answer. */
export const PATIENCE = 400;
