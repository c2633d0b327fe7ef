import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '@entra-guard/core';

/** Headers about the resource, which are wrong for a refusal. Express's own error handler removes them, too. */
const ABOUT_THE_RESOURCE = ['Content-Encoding', 'Content-Language', 'Content-Range'];

/** Writes a refusal, unless the response has begun already. */
export function writeAnswer(response: ServerResponse, method: string | undefined, answer: HttpAnswer): void {
  if (response.headersSent) return;
  const body = Buffer.from(JSON.stringify(answer.body));
  response.statusCode = answer.status;
  for (const name of ABOUT_THE_RESOURCE) response.removeHeader(name);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader('Content-Length', body.byteLength);
  response.end(method === 'HEAD' ? undefined : body);
}

/**
 * Dresses an error as Express's error handling expects it: `status`, `statusCode`, and `headers` for the answer. Its
 * content type is left out, since the body is for the application's error handler to write.
 *
 * Express sends the stack to callers unless `NODE_ENV` is `production`, so it has the words for callers alone: `message`
 * says what the API accepts, and is for logs (`expose` is `false`, as error handlers know it from http-errors).
 */
export function dressError(error: Error, answer: HttpAnswer): Error {
  const { 'Content-Type': _, ...headers } = answer.headers;
  const { status } = answer;
  const { detail, explanation, hint } = answer.body;
  const words = [detail, explanation, hint].filter((part) => part !== undefined).join(' ');
  const dress = { status, statusCode: status, headers, expose: false };
  // Defined and not assigned: what a class of errors says of itself may be for reading only.
  for (const [name, value] of Object.entries(dress)) define(error, name, value, true);
  define(error, 'stack', `${error.name}: ${words}`, false);
  dressed.add(error);
  return error;
}

function define(error: Error, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, name, { value, enumerable, configurable: true, writable: true });
}

const dressed = new WeakSet<Error>();

/** Whether a guard has passed this error on. */
export function isDressed(error: Error): boolean {
  return dressed.has(error);
}
