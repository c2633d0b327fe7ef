import type { Request } from 'express';
import type { Outcome } from '../outcome.js';
import { contained } from './contained.js';

/** Another passport strategy: an instance of passport-azure-ad's `BearerStrategy`, or of any other. */
export interface OtherStrategy {
  authenticate(req: Request, options?: object): unknown;
}

/** A validator of tokens: of entra-guard, or of any other library. */
export interface OtherValidator {
  /** Resolves for a token that it accepts, rejects for any other one. */
  validate(token: string): Promise<unknown>;
}

/** What the other one came to. */
export type OtherOutcome =
  | Outcome
  /** It hung, crashed, or did what an API has no use for. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  /** It was not asked. */
  | { readonly kind: 'skipped' };

const LIMIT = 5000;

/** Lets a strategy decide about a request, as passport would; never rejects, and answers within five seconds. */
export function askStrategy(
  strategy: OtherStrategy,
  request: Request,
  options?: object,
): Promise<OtherOutcome> {
  return within(LIMIT, (resolve) => {
    const unanswered = (reason: string) => (): void => resolve({ kind: 'unanswered', reason });
    const acting: OtherStrategy = Object.assign(Object.create(strategy), {
      success: (user: unknown, info: unknown) => resolve({ kind: 'success', user, info }),
      fail: (challenge: unknown, status?: number) =>
        resolve(
          typeof challenge === 'number'
            ? { kind: 'fail', challenge: undefined, status: challenge }
            : { kind: 'fail', challenge, status },
        ),
      error: (error: unknown) => resolve({ kind: 'error', error }),
      redirect: unanswered('it redirected'),
      pass: unanswered('it passed'),
    });
    return acting.authenticate(request, options);
  });
}

/** Lets a validator judge a token; the same promise holds. */
export function askValidator(validator: OtherValidator, token: string): Promise<OtherOutcome> {
  return within(LIMIT, (resolve) =>
    validator.validate(token).then(
      (user) => resolve({ kind: 'success', user, info: undefined }),
      (error: unknown) => resolve({ kind: 'fail', challenge: error, status: undefined }),
    ),
  );
}

function within(
  limit: number,
  ask: (resolve: (outcome: OtherOutcome) => void) => unknown,
): Promise<OtherOutcome> {
  return new Promise((settle) => {
    const timer = setTimeout(
      () => settle({ kind: 'unanswered', reason: `it did not answer within ${limit} ms` }),
      limit,
    );
    const resolve = (outcome: OtherOutcome): void => {
      clearTimeout(timer);
      settle(outcome);
    };
    contained(
      () => ask(resolve),
      (error) => resolve({ kind: 'unanswered', reason: `it crashed: ${message(error)}` }),
    );
  });
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
