import type { EntraGuardError } from '../base/errors.js';
import { type HttpAnswer, toHttp } from './http.js';

/** Headers of an answer that are true whatever writes its body. */
export type ErrorHeaders = Readonly<Record<string, string>>;

/**
 * Dresses an error as error handlers of hosts expect it: `status`, which it has, and `headers`. The content type is left out,
 * since the body is for the handler to write.
 *
 * Express sends the stack to callers unless `NODE_ENV` is `production`: the stack has the words for callers before its frames.
 * `message` and `hint` are for logs, and stay.
 *
 * @param answer what is answered; default what `toHttp(error)` gives
 * @returns the very error
 */
export function dressError<E extends EntraGuardError>(
  error: E,
  answer: HttpAnswer = toHttp(error),
): E & { readonly headers: ErrorHeaders } {
  const { 'Content-Type': _, ...headers } = answer.headers;
  const { detail, explanation, hint } = answer.body;
  const words = [detail, explanation, hint].filter((part) => part !== undefined).join(' ');
  const frames = /^ {4}at .*$/gm;
  const stack = [`${error.name}: ${words}`, ...(String(error.stack).match(frames) ?? [])].join('\n');
  const hidden = { configurable: true, writable: true, enumerable: false };
  return Object.defineProperties(error, {
    stack: { value: stack, ...hidden },
    headers: { value: Object.freeze(headers), ...hidden },
  }) as E & { readonly headers: ErrorHeaders };
}
