import type { AuthContext, Duration, Guard, HttpAnswer, RequestLike, Revocations } from '@entra-guard/core';
import { authorizationOf } from '@entra-guard/core/connections';
import { CallersByTarget } from '@entra-guard/core/revocation';
import type { Lasting } from '../contexts/context-adapter.js';
import { recheckSeconds } from '../entra-guard.options.js';

/** Judges credentials again while something goes on by them. */
export interface RightJudge {
  /** Resolves while the credentials are valid; rejects with the reason once they are not. */
  judge(credentials: RequestLike, name: string): Promise<AuthContext>;
  toAnswer(error: unknown): HttpAnswer;
}

/** In milliseconds: how often the core is asked after `exp`, which it tolerates for the clock skew. */
const PAST_EXPIRY = 1000;
/** The longest delay of a timer of Node, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** Returns a new object each time: the core authenticates one object once. */
type Credentials = () => RequestLike;

interface Watched {
  readonly lasting: Lasting;
  /** One, unless a client has sent another token on the same connection. */
  readonly credentials: Credentials[];
  /** When the first of their tokens expires. */
  expiresAt: number;
  /** When it is looked at next. */
  due: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Ends connections, subscriptions and streams when their caller's right ends. Judges each again when its token expires, and
 * at least once every `recheckEvery`, since a token may be revoked. A record of the setting `revocations` has those judged at once
 * that it concerns. Inject it to have all of them judged, right after a revocation that only `isRevoked` knows.
 */
export class OpenRights {
  readonly #judge: RightJudge;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #watched = new Map<object, Watched>();
  readonly #revocations: Revocations | undefined;
  readonly #byTarget = new CallersByTarget<Watched>();
  readonly #stop: (() => void) | undefined;
  #closed = false;

  /** @internal */
  constructor(judge: RightJudge, intervalSeconds: number, now: () => number, revocations?: Revocations) {
    this.#judge = judge;
    this.#intervalMs = Math.min(intervalSeconds * 1000, LONGEST);
    this.#now = now;
    this.#revocations = revocations;
    this.#stop = revocations?.onChange((change) => {
      for (const watched of this.#byTarget.concerned(change)) void this.#look(watched);
    });
  }

  /** How many are open. */
  get size(): number {
    return this.#watched.size;
  }

  /** Judges all of them now. When it resolves, those whose right has ended are closed. */
  async recheck(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watched) => this.#look(watched)));
  }

  /** @internal */
  watch(lasting: Lasting, auth: AuthContext, credentials: () => RequestLike): void {
    if (this.#closed) return;
    const known = this.#watched.get(lasting.key);
    if (known !== undefined) {
      this.#add(known, auth, credentials);
      this.#lookOut(known, auth);
      return;
    }
    const { expiresAt } = auth;
    const watched: Watched = { lasting, credentials: [credentials], expiresAt, due: 0, timer: undefined };
    this.#watched.set(lasting.key, watched);
    this.#schedule(watched);
    // Last: it may have ended while its caller was authenticated.
    lasting.onEnded(() => this.#release(watched));
    this.#lookOut(watched, auth);
  }

  /** @internal */
  close(): void {
    this.#closed = true;
    this.#stop?.();
    for (const watched of this.#watched.values()) this.#release(watched);
  }

  /** Has it judged again when a record concerns its caller, or has done so since the caller was authenticated. */
  #lookOut(watched: Watched, auth: AuthContext): void {
    if (this.#revocations === undefined || !this.#isOpen(watched)) return;
    this.#byTarget.add(watched, auth);
    try {
      if (this.#revocations.find(auth) === undefined) return;
    } catch {
      // The guard refuses then, and says why.
    }
    void this.#look(watched);
  }

  /** Every token of a connection has to stay valid: a second one does not replace the first. */
  #add(watched: Watched, { expiresAt }: AuthContext, credentials: Credentials): void {
    const given = authorizationOf(credentials()).join();
    if (watched.credentials.some((known) => authorizationOf(known()).join() === given)) return;
    watched.credentials.push(credentials);
    watched.expiresAt = Math.min(watched.expiresAt, expiresAt);
    if (expiresAt < watched.due) this.#schedule(watched);
  }

  #schedule(watched: Watched): void {
    clearTimeout(watched.timer);
    const now = this.#now();
    const left = watched.expiresAt - now;
    const delay = Math.min(this.#intervalMs, left > 0 ? left + 1 : PAST_EXPIRY);
    watched.due = now + delay;
    watched.timer = setTimeout(() => void this.#look(watched), delay);
    watched.timer.unref?.();
  }

  async #look(watched: Watched): Promise<void> {
    const { credentials, lasting } = watched;
    const looked = credentials.length;
    try {
      const callers = await Promise.all(credentials.map((one) => this.#judge.judge(one(), lasting.name)));
      // Another token may have come meanwhile; its expiry counts already.
      const others = credentials.length > looked ? [watched.expiresAt] : [];
      watched.expiresAt = Math.min(...callers.map(({ expiresAt }) => expiresAt), ...others);
    } catch (error) {
      if (!this.#isOpen(watched)) return;
      this.#release(watched);
      end(lasting, this.#judge.toAnswer(error));
      return;
    }
    if (this.#isOpen(watched)) this.#schedule(watched);
  }

  #isOpen(watched: Watched): boolean {
    return this.#watched.get(watched.lasting.key) === watched;
  }

  #release(watched: Watched): void {
    clearTimeout(watched.timer);
    this.#byTarget.delete(watched);
    if (this.#isOpen(watched)) this.#watched.delete(watched.lasting.key);
  }
}

export function openRightsOf(core: Guard, recheckEvery: Duration | undefined, now: () => number): OpenRights {
  return new OpenRights(
    {
      judge: (credentials, handler) => core.authenticate(credentials, { handler }),
      toAnswer: (error) => core.toHttp(error),
    },
    recheckSeconds(recheckEvery),
    now,
    core.revocations,
  );
}

function end(lasting: Lasting, answer: HttpAnswer): void {
  try {
    lasting.end(answer);
  } catch {
    // It is closing already, or its library failed: no reason to end the process.
  }
}
