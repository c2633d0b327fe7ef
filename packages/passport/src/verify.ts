import type { Request } from 'express';
import type { ITokenPayload } from './token-payload.js';

/** Ends a `verify`: an error, or a user with whatever should be in `req.authInfo`; no user refuses the request. */
export type VerifyCallback = (error: unknown, user?: unknown, info?: unknown) => void;

/** Finds the user for a token that holds. */
export type VerifyBearerFunction = (token: ITokenPayload, done: VerifyCallback) => void;

/** The same with the request, for `passReqToCallback: true`. */
export type VerifyBearerFunctionWithReq = (req: Request, token: ITokenPayload, done: VerifyCallback) => void;

/** What came of a `verify`. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly user: unknown; readonly info: unknown }
  | { readonly kind: 'refused'; readonly info: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Runs a `verify`. What it throws or rejects with is its error; only its first answer counts. */
export function askVerify(verify: (done: VerifyCallback) => unknown): Promise<Verdict> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => resolve({ kind: 'failed', error });
    const done: VerifyCallback = (error, user, info) => {
      if (error) fail(error);
      else resolve(user ? { kind: 'accepted', user, info } : { kind: 'refused', info });
    };
    try {
      Promise.resolve(verify(done)).catch(fail);
    } catch (error) {
      fail(error);
    }
  });
}
