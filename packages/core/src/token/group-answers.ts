import { UnavailableError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { askHook, hookFailed } from './user-hook.js';

const LIFETIME = 15 * 60_000;
/** In milliseconds: as long as callers are told to wait. */
const LIFETIME_OF_A_FAILURE = 5000;
const MAX_ANSWERS = 1000;
/** Most groups in all answers together: about 25 MB. */
const MAX_GROUPS = 250_000;

/** Resolves the groups of a user who has too many for a token: the option `groupsOf`. */
export type GroupsOf = (auth: AuthContext) => Promise<readonly string[]>;

/** Makes a new error for each request, because applications change the errors that they receive. */
type Failure = (retryAfter: number) => UnavailableError;

interface Answer {
  /** In lower case; empty if the function failed. */
  readonly groups: ReadonlySet<string>;
  readonly failure?: Failure;
  readonly at: number;
  readonly until: number;
}

/**
 * Calls `groupsOf` once per user, however many requests wait for the answer. Caches its answer until the token expires,
 * for at most 15 minutes, and a failure for five seconds; at most a thousand answers with 250,000 groups.
 */
export class GroupAnswers {
  readonly #groupsOf: GroupsOf;
  readonly #now: () => number;
  /** The oldest first. */
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Map<string, Promise<Answer>>();
  #size = 0;

  constructor(groupsOf: GroupsOf, now: () => number) {
    this.#groupsOf = groupsOf;
    this.#now = now;
  }

  /**
   * Returns the object IDs of the user's groups, in lower case.
   *
   * @throws UnavailableError `hook_failed` if the function throws, takes longer than two seconds, or returns
   * anything but an array of strings (as a rejection)
   */
  async of(auth: AuthContext): Promise<ReadonlySet<string>> {
    const user = `${auth.issuer} ${auth.subjectKey}`;
    const { groups, failure, until } = this.#known(user) ?? (await this.#ask(user, auth));
    if (failure === undefined) return groups;
    throw failure((until - this.#now()) / 1000);
  }

  #known(user: string): Answer | undefined {
    const known = this.#answers.get(user);
    if (known === undefined) return undefined;
    const now = this.#now();
    return now >= known.at && now < known.until ? known : undefined;
  }

  #ask(user: string, auth: AuthContext): Promise<Answer> {
    const running = this.#asking.get(user);
    if (running !== undefined) return running;
    const asking = this.#answerOf(auth).then((answer) => {
      this.#asking.delete(user);
      this.#keep(user, answer);
      return answer;
    });
    // Needs no bound: only verified tokens get here, and none waits for longer than two seconds.
    this.#asking.set(user, asking);
    return asking;
  }

  async #answerOf(auth: AuthContext): Promise<Answer> {
    try {
      const given: unknown = await askHook('groupsOf', () => this.#groupsOf(auth));
      const groups = idsIn(given);
      if (groups === undefined) return this.#failed((retryAfter) => notGroups(given, retryAfter));
      const at = this.#now();
      return { groups, at, until: Math.min(auth.expiresAt, at + LIFETIME) };
    } catch (error) {
      const { cause } = error as Error;
      return this.#failed((retryAfter) => hookFailed('groupsOf', cause, retryAfter, 'groups'));
    }
  }

  #failed(failure: Failure): Answer {
    const at = this.#now();
    return { groups: new Set(), failure, at, until: at + LIFETIME_OF_A_FAILURE };
  }

  #keep(user: string, answer: Answer): void {
    this.#drop(user);
    this.#answers.set(user, answer);
    this.#size += answer.groups.size;
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_ANSWERS && this.#size <= MAX_GROUPS) break;
      this.#drop(oldest);
    }
  }

  #drop(user: string): void {
    this.#size -= this.#answers.get(user)?.groups.size ?? 0;
    this.#answers.delete(user);
  }
}

/** Returns the IDs in lower case; `undefined` for anything but an array of strings. */
function idsIn(given: unknown): ReadonlySet<string> | undefined {
  if (!Array.isArray(given)) return undefined;
  const ids = Array.from(given as readonly unknown[]);
  return ids.every((id) => typeof id === 'string') ? new Set(ids.map((id) => id.toLowerCase())) : undefined;
}

function notGroups(given: unknown, retryAfter: number): UnavailableError {
  return new UnavailableError({
    part: 'groups',
    message: `The option groupsOf gave ${Array.isArray(given) ? 'an array that does not hold strings alone' : printable(given)} instead of the object IDs of the user's groups.`,
    hint: 'No caller whose groups decide is let in meanwhile. Return an array of strings: the id of each group that Microsoft Graph returns, from all pages.',
    retryAfter,
  });
}
