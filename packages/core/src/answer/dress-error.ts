import type { EntraGuardError } from '../base/errors.js';
import { type HttpAnswer, toHttp } from './http.js';

/** Headers of an answer that do not depend on its body. */
export type ErrorHeaders = Readonly<Record<string, string>>;

/**
 * Prepares an error for a host's error handler, which reads `status` and `headers`. Adds `headers` without
 * `Content-Type`, because the handler writes the body.
 *
 * Rewrites `stack` to begin with the sentence for callers, because Express sends the stack to callers unless `NODE_ENV`
 * is `production`. Leaves `message` and `hint` as they are: they are for logs.
 *
 * @param answer the answer to the request; default `toHttp(error)`
 * @returns the error itself
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
