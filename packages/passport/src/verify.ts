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
    let answered = false;
    const first = (then: () => void): void => {
      if (answered) return;
      answered = true;
      then();
    };
    const failed = (error: unknown): void => resolve({ kind: 'failed', error });
    const fail = (error: unknown): void => first(() => failed(error));
    const done: VerifyCallback = (error, user, info) => {
      if (error) fail(error);
      // A query that was not awaited is a value by itself, also where it finds no user: it is waited for.
      else first(() => Promise.resolve(user).then((found) => resolve(verdictOn(found, info)), failed));
    };
    try {
      Promise.resolve(verify(done)).catch(fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** An error is not a user, in whatever place it is given. */
function verdictOn(user: unknown, info: unknown): Verdict {
  if (user instanceof Error) return { kind: 'failed', error: user };
  return user ? { kind: 'accepted', user, info } : { kind: 'refused', info };
}

/** How errors that refuse a caller begin, Microsoft's samples' among them. */
const REFUSING = /^(unauthori[sz]ed|forbidden|access denied|not allowed)\b/i;

/** Whether an error of `verify` says that the caller is refused, and not that something is broken. */
export function refusesCaller(error: unknown): boolean {
  try {
    const { status, statusCode, message } = Object(error) as Readonly<Record<string, unknown>>;
    const given = status ?? statusCode;
    if (typeof given === 'number') return given >= 400 && given < 500;
    const text = typeof error === 'string' ? error : message;
    return given === undefined && typeof text === 'string' && REFUSING.test(text.trimStart());
  } catch {
    return false;
  }
}
