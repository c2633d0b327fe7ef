import { type Guard, TokenError } from '@entra-guard/core';
import { OpenCallers } from '@entra-guard/core/revocation';
import type { Passing } from './gate.js';

/** Most answers are over before. */
const SHORT_MS = 1_000;
/** Timers of Node take no longer time. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Requests that last: streams of events, long downloads, WebSockets. Those of a token end when the token expires, those of a session
 * when the session ends, and both as soon as the caller is revoked.
 */
export class LastingRequests {
  readonly #open: OpenCallers;

  constructor(guard: Guard) {
    this.#open = new OpenCallers(guard);
  }

  /**
   * @param end called once, when the caller is refused from now on
   * @returns ends the watch. Idempotent.
   */
  watch(passing: Passing, end: () => void): () => void {
    if (passing.auth === undefined) return () => {};
    let release = (): void => {};
    const timer = setTimeout(() => {
      release = this.#begin(passing, end);
    }, SHORT_MS);
    timer.unref();
    return () => {
      clearTimeout(timer);
      release();
    };
  }

  #begin({ credentials, rule, browser }: Passing, end: () => void): () => void {
    const place = { handler: rule.path };
    if (browser === undefined) return this.#open.add(credentials, end, place);
    const { signIn, request, session } = browser;
    const { endsAt } = session;
    let [release, forget] = [(): void => {}, (): void => {}];
    let isOver = false;
    const over = (): void => {
      isOver = true;
      clearTimeout(timer);
      forget();
      release();
    };
    const ended = (): void => {
      if (isOver) return;
      over();
      end();
    };
    /** The token of a session expires before the session: then its next one is judged. */
    const expired = async (error: unknown): Promise<void> => {
      if (!TokenError.is(error) || error.code !== 'token_expired') return ended();
      const next = await signIn.sessionOf(request).catch(() => undefined);
      if (isOver) return;
      if (typeof next !== 'object') return ended();
      const { authorization } = next;
      release = this.#open.add({ headers: { authorization } }, (again) => void expired(again), place);
    };
    const timer = setTimeout(ended, Math.min(Math.max(endsAt - Date.now(), 0), LONGEST_TIMER_MS));
    timer.unref();
    forget = session.onEnd(ended);
    void signIn.sessionOf(request).then(
      // It may have ended, or been replaced, before that.
      (now) => (typeof now === 'object' && now.endsAt >= endsAt ? undefined : ended()),
      // A store that does not answer says nothing of it.
      () => undefined,
    );
    release = this.#open.add(credentials, (error) => void expired(error), place);
    return over;
  }

  /** Ends all of them. */
  close(): void {
    this.#open.close(new Error('The proxy ends.'));
  }
}
