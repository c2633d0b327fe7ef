import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpAnswer, KeysUnavailableError } from '@entra-guard/core';
import { ASSERTION_HEADER } from '@entra-guard/core/assertion';
import type { Dialect } from '../dialects/dialect.js';
import { withoutOwnCookies } from '../headers/session-cookie.js';
import { isStripped } from '../headers/stripped-headers.js';
import type { PolicyApp } from '../policy/policy.js';

/** Says that the request may pass, and what the application is told. Never sets a cookie. */
export function writeAllowed(
  request: IncomingMessage,
  response: ServerResponse,
  assertion: string | undefined,
  { cookieHeader, removesBy }: Dialect,
  { passToken }: PolicyApp,
): void {
  const headers: Record<string, string | number> = { 'Cache-Control': 'no-store', 'Content-Length': 0 };
  if (assertion !== undefined) headers[ASSERTION_HEADER] = assertion;
  const { cookie } = request.headers;
  const kept = cookie === undefined ? undefined : withoutOwnCookies(cookie);
  if (kept !== undefined) headers[cookieHeader] = kept;
  if (removesBy !== undefined) {
    const removed = Object.keys(request.headers).filter(isStripped);
    if (!passToken) removed.push('authorization');
    if (kept === undefined) removed.push('cookie');
    const own = ASSERTION_HEADER.toLowerCase();
    headers[removesBy] = removed.filter((name) => assertion === undefined || name !== own).join(', ');
  }
  response.writeHead(200, headers);
  response.end();
}

/** Says that the request may not pass, to a server that knows 401 and 403 only. */
export function writeRefused(response: ServerResponse, { status, headers }: HttpAnswer): void {
  const challenge = headers['WWW-Authenticate'];
  const known = status === 401 && challenge !== undefined;
  response.writeHead(known ? 401 : 403, {
    'Cache-Control': 'no-store',
    'Content-Length': 0,
    ...(known ? { 'WWW-Authenticate': challenge } : {}),
  });
  response.end();
}

/** Writes what the client gets, readable to pages of the origins that the application's `cors` names. */
export function writeAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  app: PolicyApp | undefined,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    ...readableTo(request.headers.origin, app),
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** What lets pages of the origins that the application's `cors` names read an answer. */
export function readableTo(
  origin: string | undefined,
  app: PolicyApp | undefined,
): Readonly<Record<string, string>> {
  if (app?.cors === undefined) return {};
  if (origin === undefined || !app.cors.origins.includes(origin)) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After',
  };
}

/** For a client that was refused a moment ago, and would pass by now. */
export function passesByNow(): KeysUnavailableError {
  return new KeysUnavailableError({
    message: 'The request was refused a moment ago, and would pass by now.',
    hint: 'Send it again.',
    retryAfter: 1,
  });
}
