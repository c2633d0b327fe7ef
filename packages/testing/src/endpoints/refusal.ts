import { randomUUID } from 'node:crypto';
import { isGuid } from '../directory/guid.js';
import { json } from './answers.js';
import { type OAuthError, oauthErrorBody } from './oauth-error.js';

/** Makes the response of a refusal. Its correlation ID is the client's `client-request-id`, if that is a GUID. */
export function refusal(error: OAuthError, request: Request, now: number): Response {
  const trace = randomUUID();
  const correlation = correlationOf(request) ?? randomUUID();
  return json(oauthErrorBody(error, { trace, correlation, now }), error.status, {
    'cache-control': 'no-store',
    'client-request-id': correlation,
    'x-ms-request-id': trace,
  });
}

/** Returns the `client-request-id` of the header (Azure's libraries) or of the query (MSAL). */
function correlationOf({ headers, url }: Request): string | undefined {
  const given = headers.get('client-request-id') ?? new URL(url).searchParams.get('client-request-id');
  return given !== null && isGuid(given) ? given : undefined;
}
