import type { Question } from '../audit/decision-place.js';
import type { DecisionRecorder } from '../audit/recorder.js';
import { CheckFailedError, ConfigurationError, PermissionError } from '../base/errors.js';
import { classMember } from '../base/own-member.js';
import { printableOptions } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertCaller } from '../caller/caller.js';
import { checkContext } from '../requirements/check-context.js';
import type { CheckContext } from '../requirements/kinds/check.js';
import type { RequestMemo } from './request-memo.js';

/** Reads the application's record of a caller: the setting `loadUser`. */
export type LoadUser = (context: CheckContext) => Promise<object | undefined> | object | undefined;

interface Loaded {
  readonly auth: AuthContext;
  readonly user: Promise<object>;
}

/**
 * The application's users of a guard's requests. Calls `loadUser` once per request and caller, however often it is read. What
 * one request got is never handed to another. Only the last caller's is kept: hosts may use one object for one request after
 * another.
 */
export class RequestUsers {
  readonly #loadUser: LoadUser | undefined;
  readonly #recorder: DecisionRecorder;
  readonly #memo: RequestMemo;
  readonly #users = new WeakMap<object, Loaded>();

  constructor(loadUser: LoadUser | undefined, recorder: DecisionRecorder, memo: RequestMemo) {
    this.#loadUser = loadUser;
    this.#recorder = recorder;
    this.#memo = memo;
  }

  get canLoad(): boolean {
    return this.#loadUser !== undefined;
  }

  /** @throws PermissionError `user_unknown`, CheckFailedError, ConfigurationError (at once, or as a rejection) */
  of(question: Question, auth: AuthContext | undefined): Promise<object> {
    if (this.#loadUser === undefined) {
      throw new ConfigurationError(
        'userOf(...) was called, and the guard has no loadUser.',
        'Give it that setting: loadUser: ({ auth }) => users.find(auth.subjectKey).',
      );
    }
    if (auth === undefined) {
      throw new ConfigurationError(
        'userOf(...) was called for a request without a caller.',
        'Require something of its callers first. Where callers without a token get in, ask authOf(...) before.',
      );
    }
    assertCaller('userOf(...)', auth);
    const { request } = question;
    const known = this.#users.get(request);
    if (known !== undefined) {
      if (known.auth === auth || this.#memo.areOfOneToken(request, known.auth, auth)) return known.user;
    }
    const user = this.#ask(this.#loadUser, question, auth);
    this.#users.set(request, { auth, user });
    return user;
  }

  /** Records a refusal, too: once, however many wait for the user. */
  async #ask(loadUser: LoadUser, question: Question, auth: AuthContext): Promise<object> {
    const { request, place } = question;
    const asked = classMember(place, 'request') ?? request;
    try {
      return userIn(
        await answerOf(loadUser, checkContext('loadUser', auth, asked, classMember(place, 'resolve'))),
      );
    } catch (error) {
      this.#recorder.refuse(question, error, auth);
      throw error;
    }
  }
}

async function answerOf(loadUser: LoadUser, context: CheckContext): Promise<unknown> {
  try {
    return await loadUser(context);
  } catch (cause) {
    throw new CheckFailedError({
      message: 'loadUser threw instead of answering.',
      hint: 'Access was denied. Fix loadUser; `cause` holds its error.',
      cause,
    });
  }
}

/** @throws PermissionError, CheckFailedError */
function userIn(answer: unknown): object {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer;
  if (answer === undefined) {
    throw new PermissionError({
      code: 'user_unknown',
      message: 'loadUser knows no user for this caller.',
      hint: 'Create the user, or check what loadUser looks up: auth.subjectKey is the safe key of a person or an app.',
    });
  }
  throw new CheckFailedError({
    message: `loadUser gave ${printableOptions(answer)} instead of a user.`,
    hint: 'Access was denied. Return the user, an object; or undefined, not null, where there is none.',
  });
}
