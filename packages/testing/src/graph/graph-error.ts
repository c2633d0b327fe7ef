import { randomUUID } from 'node:crypto';
import { json } from '../endpoints/answers.js';

/** Values of `error.code` that the local Graph answers. */
export type GraphErrorCode =
  | 'Authorization_RequestDenied'
  | 'BadRequest'
  | 'CannotDeleteOrUpdateEnabledEntitlement'
  | 'InvalidAuthenticationToken'
  | 'InvalidRequest'
  | 'NotImplemented'
  | 'Request_BadRequest'
  | 'Request_MultipleObjectsWithSameKeyValue'
  | 'Request_ResourceNotFound'
  | 'ResourceNotFound'
  | 'ServiceUnavailable'
  | 'TooManyRequests'
  | 'UnknownError'
  | 'ValidationError'
  | 'syncStateNotFound';

/**
 * A refusal of Microsoft Graph.
 *
 * Source: https://learn.microsoft.com/graph/errors
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';

  constructor(
    readonly status: number,
    readonly code: GraphErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Makes the error for what the local Graph does not have. */
export function missing(what: string): GraphError {
  return new GraphError(
    501,
    'NotImplemented',
    `The local Microsoft Graph has no ${what}. Use Microsoft Graph itself for it, or answer it in your test.`,
  );
}

/** Makes the error for an object that is not in the directory. */
export function notFound(id: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** Makes the error for a body or a query that can't be. */
export function badRequest(message: string, code: GraphErrorCode = 'Request_BadRequest'): GraphError {
  return new GraphError(400, code, message);
}

/** What of a request an error repeats. */
export interface ErrorPlace {
  readonly request: Request;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Makes the response of a refusal. `innerError` has the IDs by which Microsoft's support finds a request. */
export function errorAnswer({ status, code, message, headers }: GraphError, place: ErrorPlace): Response {
  const requestId = randomUUID();
  const clientRequestId = place.request.headers.get('client-request-id') ?? requestId;
  const innerError = {
    date: new Date(place.now).toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': clientRequestId,
  };
  return json({ error: { code, message, innerError } }, status, {
    'cache-control': 'no-store',
    'request-id': requestId,
    'client-request-id': clientRequestId,
    ...headers,
  });
}

const faults: Readonly<Record<number, readonly [GraphErrorCode, string]>> = {
  429: ['TooManyRequests', 'Too many requests.'],
  503: ['ServiceUnavailable', 'The service is temporarily unavailable.'],
};

/** Makes the response of a fault that a test asked for with `entra.fail('graph', …)`. */
export function faultAnswer(
  status: number,
  headers: Readonly<Record<string, string>>,
  place: ErrorPlace,
): Response {
  const [code, message] = faults[status] ?? ['UnknownError', 'The request failed, as asked with fail(…).'];
  return errorAnswer(new GraphError(status, code, message, headers), place);
}
