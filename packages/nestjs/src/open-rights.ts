import type { AuthContext, Guard, HttpAnswer, RequestLike } from '@entra-guard/core';
import type { Lasting } from './contexts/context-adapter.js';
import type { ModuleSettings } from './entra-guard.options.js';

/** How a right is looked at again. */
export interface RightJudge {
  /** Resolves as long as the credentials are good; rejects with the reason when they no longer are. */
  judge(credentials: RequestLike, name: string): Promise<AuthContext>;
  toAnswer(error: unknown): HttpAnswer;
}

/** After the expiry that the token names, the core may tolerate it for a while: it is asked each second until it does not. */
const PAST_EXPIRY = 1000;
/** The longest that a timer of Node can wait; the default interval is far below. */
const LONGEST = 2 ** 31 - 1;

interface Watched {
  readonly lasting: Lasting;
  readonly credentials: () => RequestLike;
  expiresAt: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Connections, subscriptions and streams that are open by somebody's right, and end with it: each is judged again when its
 * token expires and at least once an interval, since a token may be revoked. Inject it to have all of them judged at once,
 * right after a revocation.
 */
export class OpenRights {
  readonly #judge: RightJudge;
  readonly #interval: number;
  readonly #now: () => number;
  readonly #watched = new Map<object, Watched>();
  #closed = false;

  /** @internal */
  constructor(judge: RightJudge, interval: number, now: () => number) {
    this.#judge = judge;
    this.#interval = Math.min(interval, LONGEST);
    this.#now = now;
  }

  /** How many are open. */
  get size(): number {
    return this.#watched.size;
  }

  /** Judges all of them now; those whose right has ended are closed when it resolves. */
  async recheck(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watched) => this.#look(watched)));
  }

  /**
   * @internal
   * @param credentials a new object each time: what a guard has authenticated once it does not authenticate again
   */
  watch(lasting: Lasting, auth: AuthContext, credentials: () => RequestLike): void {
    if (this.#closed) return;
    const known = this.#watched.get(lasting.key);
    if (known !== undefined) {
      known.expiresAt = auth.expiresAt;
      return;
    }
    const watched: Watched = { lasting, credentials, expiresAt: auth.expiresAt, timer: undefined };
    this.#watched.set(lasting.key, watched);
    lasting.onEnded(() => this.#release(watched));
    this.#schedule(watched);
  }

  /** @internal */
  close(): void {
    this.#closed = true;
    for (const watched of this.#watched.values()) this.#release(watched);
  }

  #schedule(watched: Watched): void {
    clearTimeout(watched.timer);
    const left = watched.expiresAt - this.#now();
    const delay = Math.min(this.#interval, left > 0 ? left + 1 : PAST_EXPIRY);
    watched.timer = setTimeout(() => void this.#look(watched), delay);
    watched.timer.unref();
  }

  async #look(watched: Watched): Promise<void> {
    try {
      const auth = await this.#judge.judge(watched.credentials(), watched.lasting.name);
      watched.expiresAt = auth.expiresAt;
    } catch (error) {
      if (!this.#isOpen(watched)) return;
      this.#release(watched);
      end(watched.lasting, this.#judge.toAnswer(error));
      return;
    }
    if (this.#isOpen(watched)) this.#schedule(watched);
  }

  #isOpen(watched: Watched): boolean {
    return this.#watched.get(watched.lasting.key) === watched;
  }

  #release(watched: Watched): void {
    clearTimeout(watched.timer);
    if (this.#isOpen(watched)) this.#watched.delete(watched.lasting.key);
  }
}

/** The rights that a guard of the core judges, at the module's interval. */
export function openRightsOf(
  core: Guard,
  { recheckEvery = 60_000 }: ModuleSettings,
  now: () => number,
): OpenRights {
  return new OpenRights(
    {
      judge: (credentials, handler) => core.authenticate(credentials, { handler }),
      toAnswer: (error) => core.toHttp(error),
    },
    recheckEvery,
    now,
  );
}

function end(lasting: Lasting, answer: HttpAnswer): void {
  try {
    lasting.end(answer);
  } catch {
    // It is closing already, or its library is at odds with itself: no reason to end the process.
  }
}
