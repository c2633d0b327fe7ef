import type { IncomingMessage } from 'node:http';
import type { PolicyApp } from '../policy/policy.js';
import { corsAge, methodsIn } from '../servers/site.js';
import type { BrowserAnswer } from '../sign-in/browser-sign-in.js';

/**
 * Answers a CORS preflight of an origin that the application's `cors` names (Fetch section 3.2.2). Applications never see those:
 * what lets every `OPTIONS` pass, lets more pass than preflights.
 *
 * @returns `undefined` for anything else
 */
export function preflightAnswer(
  { method, headers }: IncomingMessage,
  app: PolicyApp,
): BrowserAnswer | undefined {
  const { origin } = headers;
  if (method !== 'OPTIONS' || app.cors === undefined || origin === undefined) return undefined;
  if (headers['access-control-request-method'] === undefined || !app.cors.origins.includes(origin))
    return undefined;
  const asked = headers['access-control-request-headers'];
  return {
    status: 204,
    headers: {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': methodsIn(app).join(', '),
      ...(asked === undefined ? {} : { 'Access-Control-Allow-Headers': asked }),
      'Access-Control-Max-Age': String(corsAge(app)),
      Vary: 'Origin',
    },
  };
}
