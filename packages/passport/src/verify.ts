import type { Request } from 'express';
import type { ITokenPayload } from './token-payload.js';

/** Ends a `verify`: with an error, or with a user and the value of `req.authInfo`. No user refuses the request. */
export type VerifyCallback = (error: unknown, user?: unknown, info?: unknown) => void;

/** Finds the user of a valid token. */
export type VerifyBearerFunction = (token: ITokenPayload, done: VerifyCallback) => void;

/** Like {@link VerifyBearerFunction}, with the request as first argument, for `passReqToCallback: true`. */
export type VerifyBearerFunctionWithReq = (req: Request, token: ITokenPayload, done: VerifyCallback) => void;

/** The outcome of a `verify`. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly user: unknown; readonly info: unknown }
  | { readonly kind: 'refused'; readonly info: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Runs a `verify`. An exception or a rejection is its error. Only its first answer counts. */
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
      // A promise would pass for a user, also if it resolves to none. So it is awaited.
      else first(() => Promise.resolve(user).then((found) => resolve(verdictOn(found, info)), failed));
    };
    try {
      Promise.resolve(verify(done)).catch(fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** Returns the verdict for what `verify` gave as the user. An `Error` there counts as the error. */
function verdictOn(user: unknown, info: unknown): Verdict {
  if (user instanceof Error) return { kind: 'failed', error: user };
  return user ? { kind: 'accepted', user, info } : { kind: 'refused', info };
}

/** Beginnings of error messages that refuse a caller, as in Microsoft's samples. */
const REFUSING = /^(unauthori[sz]ed|forbidden|access denied|not allowed)\b/i;

/** Whether an error of `verify` refuses the caller, and does not report a failure. */
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
