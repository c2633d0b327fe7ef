import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '@entra-guard/core';

/** Of a resource that was about to be sent: they would be untrue of the refusal. Express's own handler does the same. */
const ABOUT_THE_RESOURCE = ['Content-Encoding', 'Content-Language', 'Content-Range'];

/** Writes a refusal. Leaves a response alone that somebody has begun to write already. */
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
 */
export function dressError(error: Error, answer: HttpAnswer): Error {
  const { 'Content-Type': _, ...headers } = answer.headers;
  return Object.assign(error, { status: answer.status, statusCode: answer.status, headers });
}
