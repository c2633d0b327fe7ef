import type { DecisionPlace } from '../audit/decision-place.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import { CallersByTarget } from '../revocation/callers-by-target.js';
import { settingsOf } from '../token/validator-contract.js';
import type { Guard } from './guard-contract.js';

/** Something that is open for a caller, such as a response that is a stream of events. */
interface Open {
  /** A new object each time: a guard authenticates one object once. */
  readonly credentials: () => RequestLike;
  readonly place: DecisionPlace;
  readonly ended: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
}

/** The longest time after which a caller is judged again, in milliseconds: `isRevoked` tells of nothing on its own. */
const LOOK = 60_000;
/** How often a caller is judged after the token's expiry, which is tolerated for some time, in milliseconds. */
const PAST_EXPIRY = 1000;

/**
 * What is open for the callers of a guard. Each is judged again as soon as a revocation concerns its caller, when the token
 * expires, and once a minute. A revocation looks at what it concerns and at nothing else, however much is open.
 */
export class OpenCallers {
  readonly #guard: Guard;
  readonly #now: () => number;
  readonly #byTarget = new CallersByTarget<Open>();
  readonly #all = new Set<Open>();
  #stop: (() => void) | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#now = settingsOf(guard.validator).now;
  }

  /** How many are open. */
  get size(): number {
    return this.#all.size;
  }

  /**
   * Judges the caller of a request now, and until it is released. Keeps the request's headers as they are now.
   *
   * @param ended called once with the error, when the caller is refused. It is released then.
   * @param place where, for audit events
   * @returns releases it. Idempotent.
   */
  add(request: RequestLike, ended: (error: unknown) => void, place: DecisionPlace = {}): () => void {
    const kept = copyOf(request);
    const open: Open = { credentials: () => ({ ...kept }), place, ended, timer: undefined };
    this.#all.add(open);
    this.#stop ??= this.#guard.revocations?.onChange((change) => {
      for (const one of this.#byTarget.concerned(change)) void this.#look(one);
    });
    void this.#look(open);
    return () => this.#release(open);
  }

  /** Ends all, when the application shuts down. */
  close(error: unknown): void {
    for (const open of [...this.#all]) this.#end(open, error);
  }

  /** @param again whether a record has come while it was looked at before */
  async #look(open: Open, again = false): Promise<void> {
    clearTimeout(open.timer);
    const version = this.#version();
    let auth: AuthContext;
    try {
      auth = await this.#guard.authenticate(open.credentials(), open.place);
    } catch (error) {
      this.#end(open, error);
      return;
    }
    if (!this.#all.has(open)) return;
    this.#byTarget.add(open, auth);
    // A record that came meanwhile may not have found it.
    if (again || version === this.#version()) this.#schedule(open, auth);
    else await this.#look(open, true);
  }

  #version(): number | undefined {
    try {
      return this.#guard.revocations?.version;
    } catch {
      // The guard refuses then, and says why.
      return undefined;
    }
  }

  #schedule(open: Open, { expiresAt }: AuthContext): void {
    clearTimeout(open.timer);
    const left = expiresAt - this.#now();
    open.timer = setTimeout(() => void this.#look(open), left > 0 ? Math.min(left + 1, LOOK) : PAST_EXPIRY);
    open.timer.unref?.();
  }

  #end(open: Open, error: unknown): void {
    if (!this.#all.has(open)) return;
    this.#release(open);
    try {
      open.ended(error);
    } catch {
      // It is closing already, or its host failed: no reason to end the process.
    }
  }

  #release(open: Open): void {
    clearTimeout(open.timer);
    this.#all.delete(open);
    this.#byTarget.delete(open);
    if (this.#all.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** Copies what a guard reads, since an application may change it. */
function copyOf({ headers, rawHeaders }: RequestLike): RequestLike {
  const isList = typeof (headers as { readonly get?: unknown }).get === 'function';
  return {
    headers: isList ? headers : { ...(headers as Record<string, string>) },
    ...(rawHeaders === undefined ? {} : { rawHeaders: [...rawHeaders] }),
  } as RequestLike;
}
