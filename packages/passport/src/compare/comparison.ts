import { CheckFailedError, publishEvent } from '@entra-guard/core';
import { eventExplanation, readHeaderOrBodyToken } from '@entra-guard/core/migration';
import type { Request } from 'express';
import { misconfigured } from '../configuration.js';
import type { IBearerStrategyOption } from '../options.js';
import type { OwnOutcome } from '../outcome.js';
import { placeOf } from '../place.js';
import type { DisagreementEvent } from './disagreement.js';
import {
  askStrategy,
  askValidator,
  type OtherOutcome,
  type OtherStrategy,
  type OtherValidator,
} from './other-strategy.js';
import { reasonOf } from './reason.js';

/** Maximum number of requests that the other one may be answering at a time. Those it hangs on stay in memory. */
const MAX_IN_HAND = 100;
/** After this number of unanswered requests in a row the other one is not asked for a minute. */
const MAX_UNANSWERED = 5;
const PAUSE = 60_000;
const EVENTS_PER_MINUTE = 60;

/** The strategy or validator that is compared with this strategy. */
type Other =
  | { readonly kind: 'strategy'; readonly strategy: OtherStrategy }
  | { readonly kind: 'validator'; readonly validator: OtherValidator };

/** Asks another strategy or validator about each request, and publishes where the decisions differ. */
export class Comparison {
  readonly #other: Other;
  readonly #answerFrom: 'entra-guard' | 'other';
  readonly #now: () => number;
  #inHand = 0;
  #unanswered = 0;
  #pausedAt: number | undefined;
  #window = { start: 0, published: 0 };
  #suppressed = 0;

  constructor(other: Other, answerFrom: 'entra-guard' | 'other', now: () => number) {
    this.#other = other;
    this.#answerFrom = answerFrom;
    this.#now = now;
  }

  /** Returns the outcome of a request: this strategy's, or with `answerFrom: 'other'` the other one's if it answers. */
  async answer(own: Promise<OwnOutcome>, request: Request, options?: object): Promise<OwnOutcome> {
    const handler = placeOf(request);
    const asked = this.#ask(request, options);
    const compared = Promise.all([own, asked]).then(([ours, theirs]) => this.#compare(ours, theirs, handler));
    // Nothing here should reject. If it does, the request must not be affected.
    compared.catch(() => {});
    if (this.#answerFrom === 'entra-guard') return own;
    const theirs = await asked;
    return theirs.kind === 'unanswered' || theirs.kind === 'skipped' ? own : theirs;
  }

  async #ask(request: Request, options: object | undefined): Promise<OtherOutcome> {
    const other = this.#other;
    if (this.#inHand >= MAX_IN_HAND || this.#pausing()) return { kind: 'skipped' };
    this.#inHand++;
    try {
      const outcome =
        other.kind === 'strategy'
          ? await askStrategy(other.strategy, this.#seenBy(request), options)
          : await judged(other.validator, request);
      this.#unanswered = outcome.kind === 'unanswered' ? this.#unanswered + 1 : 0;
      if (this.#unanswered >= MAX_UNANSWERED) this.#pausedAt = this.#now();
      return outcome;
    } finally {
      this.#inHand--;
    }
  }

  #pausing(): boolean {
    if (this.#pausedAt === undefined) return false;
    const since = this.#now() - this.#pausedAt;
    if (since >= 0 && since < PAUSE) return true;
    this.#pausedAt = undefined;
    return false;
  }

  /** Returns the request for the other one: an object that inherits from it, so that its changes are not seen. */
  #seenBy(request: Request): Request {
    return this.#answerFrom === 'other' ? request : Object.create(request);
  }

  #compare(ours: OwnOutcome, theirs: OtherOutcome, handler: string): void {
    if (theirs.kind === 'skipped') return;
    const entraGuard = sideOf(ours, this.#other.kind);
    const other = otherSide(theirs);
    if (other.outcome !== 'no_answer' && (entraGuard.outcome === 'allow') === (other.outcome === 'allow'))
      return;
    const time = this.#now();
    if (!this.#mayPublish(time)) return;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    const answeredBy = other.outcome === 'no_answer' ? 'entra-guard' : this.#answerFrom;
    const who = whoOf(ours);
    publishEvent('comparison', () => ({
      v: 1,
      time,
      handler,
      answeredBy,
      entraGuard,
      other,
      ...who,
      suppressed,
    }));
  }

  #mayPublish(time: number): boolean {
    if (Math.abs(time - this.#window.start) >= 60_000) this.#window = { start: time, published: 0 };
    if (this.#window.published >= EVENTS_PER_MINUTE) {
      this.#suppressed++;
      return false;
    }
    this.#window.published++;
    return true;
  }
}

/**
 * Reads the options `compareWith` and `answerFrom`.
 *
 * @throws ConfigurationError
 */
export function resolveComparison(options: IBearerStrategyOption): Comparison | undefined {
  const { compareWith, answerFrom = 'entra-guard', now = () => Date.now() } = options;
  if (answerFrom !== 'entra-guard' && answerFrom !== 'other') {
    throw misconfigured(
      "answerFrom is neither 'entra-guard' nor 'other'.",
      "Use one of them. The default is 'entra-guard'.",
    );
  }
  if (compareWith === undefined || compareWith === null) {
    if (answerFrom === 'entra-guard') return undefined;
    throw misconfigured(
      "answerFrom is 'other', but compareWith is not set.",
      'Set compareWith to the other strategy.',
    );
  }
  if ('authenticate' in compareWith && typeof compareWith.authenticate === 'function') {
    return new Comparison({ kind: 'strategy', strategy: compareWith }, answerFrom, now);
  }
  if (!('validate' in compareWith) || typeof compareWith.validate !== 'function') {
    throw misconfigured(
      'compareWith can neither authenticate nor validate.',
      'Pass the other strategy itself.',
    );
  }
  if (answerFrom === 'other') {
    throw misconfigured(
      "answerFrom is 'other', but compareWith is a validator, which finds no user.",
      'Set compareWith to a strategy, or remove answerFrom.',
    );
  }
  return new Comparison({ kind: 'validator', validator: compareWith }, answerFrom, now);
}

async function judged(validator: OtherValidator, request: Request): Promise<OtherOutcome> {
  let token: string;
  try {
    token = readHeaderOrBodyToken(request);
  } catch {
    // Without a token there is nothing to validate.
    return { kind: 'skipped' };
  }
  return askValidator(validator, token);
}

function sideOf(ours: OwnOutcome, against: Other['kind']): DisagreementEvent['entraGuard'] {
  const { kind, reason } = ours;
  // A validator does not call verify.
  const byVerify = reason?.code === 'check_refused' || CheckFailedError.is(reason);
  if (kind === 'success' || (against === 'validator' && byVerify)) return { outcome: 'allow' };
  return {
    outcome: kind === 'fail' ? 'deny' : 'error',
    ...(reason === undefined ? {} : { code: reason.code, explanation: eventExplanation(reason) }),
  };
}

function otherSide(theirs: Exclude<OtherOutcome, { readonly kind: 'skipped' }>): DisagreementEvent['other'] {
  switch (theirs.kind) {
    case 'success':
      return { outcome: 'allow' };
    case 'fail':
      return withReason('deny', theirs.challenge);
    case 'error':
      return withReason('error', theirs.error);
    case 'unanswered':
      return withReason('no_answer', theirs.reason);
  }
}

function withReason(outcome: 'deny' | 'error' | 'no_answer', said: unknown): DisagreementEvent['other'] {
  const reason = reasonOf(said);
  return reason === undefined ? { outcome } : { outcome, reason };
}

function whoOf({ auth }: OwnOutcome): Pick<DisagreementEvent, 'who'> {
  if (auth === undefined) return {};
  const { kind, tenantId, objectId, clientId, subjectKey } = auth;
  return { who: { kind, tenantId, objectId, clientId, subjectKey } };
}
