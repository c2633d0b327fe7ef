import type { Request } from 'express';
import type { Outcome } from '../outcome.js';
import { contained } from './contained.js';

/** A passport strategy to compare with, such as a `BearerStrategy` of passport-azure-ad. */
export interface OtherStrategy {
  authenticate(req: Request, options?: object): unknown;
}

/** A token validator to compare with, of entra-guard or of any other library. */
export interface OtherValidator {
  /** Resolves for a token that it accepts, and rejects for any other. */
  validate(token: string): Promise<unknown>;
}

/** The decision of the other strategy or validator. */
export type OtherOutcome =
  | Outcome
  /** It hung, crashed, or did something that does not answer an API's request, such as a redirect. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  /** It was not asked. */
  | { readonly kind: 'skipped' };

const LIMIT = 5000;

/** Asks a strategy about a request, as passport would. Never rejects. Resolves within five seconds. */
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

/** Asks a validator about a token. Never rejects. Resolves within five seconds. */
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
