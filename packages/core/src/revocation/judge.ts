import { TokenError, UnavailableError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { tokenError } from '../base/refusal.js';
import type { AuthContext } from '../caller/auth-context.js';
import { rememberCaller } from '../caller/refused-caller.js';
import type { RevocationRecord, Revocations } from '../options/revocations.js';
import { freshTokenChallenge } from './challenge.js';
import { type IssueTimes, issuedAt } from './cutoff.js';
import { noteRecord } from './refused-by.js';

/** How much longer a token may be valid than it lives, in seconds: Entra dates `iat` back by as much. */
const BACK_DATING = 300;

/** Asks a store of revocations about verified callers. Synchronous: nothing waits for the network. */
export class RevocationJudge {
  readonly revocations: Revocations;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(revocations: Revocations, now: () => number) {
    this.revocations = revocations;
    this.#now = now;
  }

  /**
   * Refuses a caller whose access was revoked. One comparison if no record has changed since the caller was judged last.
   *
   * @param seen what this returned then
   * @returns the version of the records that were looked at
   * @throws TokenError `token_revoked`; UnavailableError `revocations_unavailable` if the store throws, or gives anything but a
   * record or `undefined`
   */
  judge(auth: AuthContext, seen?: number): number | undefined {
    // Before the look-up: what is added meanwhile has another version.
    const version = this.#version();
    if (version !== undefined && version === seen) return version;
    const found = this.#find(auth);
    if (found !== undefined) throw this.#revoked(found, auth);
    return version;
  }

  /**
   * Refuses a token that lives longer than records are kept: it could outlive the record that revokes it.
   *
   * @param auth whose token it is
   * @throws TokenError `token_lifetime_not_accepted`
   */
  assertLifetime(times: IssueTimes & { readonly exp: number }, auth: AuthContext): void {
    const { exp } = times;
    const issued = issuedAt(times);
    const { longestToken } = this.revocations;
    if (issued !== undefined && exp - issued <= longestToken + BACK_DATING) return;
    const error = tokenError(
      {
        code: 'token_lifetime_not_accepted',
        subject: 'lifetime (exp and iat)',
        found: issued === undefined ? 'neither iat nor nbf' : `${exp - issued} s`,
        expected: `at most ${longestToken} s, and ${BACK_DATING} s of back-dating`,
        hint: 'Raise longestToken of the revocations that the guard was given: records are then kept for longer. Or shorten tokens by a token lifetime policy (Entra: configurable token lifetimes).',
      },
      { verified: true },
    );
    throw rememberCaller(error, auth);
  }

  #version(): number | undefined {
    try {
      return this.revocations.version;
    } catch {
      // A store without a version is asked each time, and says then what is wrong.
      return undefined;
    }
  }

  #find(auth: AuthContext): RevocationRecord | undefined {
    let found: unknown;
    try {
      found = this.revocations.find(auth);
    } catch (error) {
      if (UnavailableError.is(error)) throw error;
      throw unavailable('threw', 'See the cause.', error);
    }
    if (found === undefined) return undefined;
    if (typeof found === 'object' && found !== null && typeof (found as { id?: unknown }).id === 'string') {
      return found as RevocationRecord;
    }
    // The rejection of a promise would end the process.
    Promise.resolve(found).catch(() => {});
    throw unavailable(
      `gave ${typeof found === 'string' ? 'a string' : printable(found)}`,
      'It has to return a record or undefined, and no promise: what it looks up has to be in memory.',
    );
  }

  #revoked(record: RevocationRecord, auth: AuthContext): TokenError {
    const challenge = freshTokenChallenge(record, auth, this.#now(), this.revocations.margin);
    const error = new TokenError({
      code: 'token_revoked',
      message: 'Token refused by its revocation: found a caller whose access was revoked.',
      hint: 'The audit event and the log name the record. Where tokens of before a time were revoked, the client has to get a fresh one; one that was issued within 5 minutes after that time is refused, too.',
      found: 'a caller whose access was revoked',
      expected: 'one that no revocation refuses',
      verified: true,
      challenge,
    });
    return rememberCaller(noteRecord(error, record), auth);
  }
}

function unavailable(what: string, hint: string, cause?: unknown): UnavailableError {
  return new UnavailableError({
    part: 'revocations',
    message: `find(...) of the setting revocations ${what}.`,
    hint: `No caller is let in meanwhile. ${hint}`,
    retryAfter: 5,
    cause,
  });
}
