import type { AuthContext } from '@entra-guard/core';
import { json } from '../endpoints/answers.js';
import type { EntraServices } from '../endpoints/call.js';
import { badRequest } from './graph-error.js';
import type { QueryOptions } from './query.js';
import type { Subscriptions } from './subscriptions.js';

/** What the local Graph of one local Entra remembers. */
export interface GraphState {
  /** Marks delta links of this local Graph: those of another one are unknown. */
  readonly instance: string;
  /** When the first request came. Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly subscriptions: Subscriptions;
}

/** One request to Microsoft Graph, whose caller is known and allowed. */
export interface GraphCall {
  readonly entra: EntraServices;
  readonly state: GraphState;
  readonly auth: AuthContext;
  readonly request: Request;
  readonly url: URL;
  /** `https://graph.microsoft.com/v1.0` */
  readonly base: string;
  readonly options: QueryOptions;
  /** What the path names, such as `user`. */
  readonly params: Readonly<Record<string, string>>;
  /** The type that the path narrows a collection to. */
  readonly cast: string | undefined;
  /** Whether the caller is the user that the path names. */
  readonly own: boolean;
}

export type GraphHandler = (call: GraphCall) => Response | Promise<Response>;

/** Reads the body as a JSON object. @throws {GraphError} 400 */
export async function bodyOf({ request }: GraphCall): Promise<Readonly<Record<string, unknown>>> {
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    throw badRequest(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
      'BadRequest',
    );
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Readonly<Record<string, unknown>>;
  }
  throw badRequest('The request body is not a JSON object.', 'BadRequest');
}

/** Reads a text of the body that has to be there. @throws {GraphError} 400 */
export function textIn(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw badRequest(
    value === undefined
      ? `A value is required for property '${name}' of resource.`
      : `Invalid value specified for property '${name}': ${JSON.stringify(value)}. Expected a text.`,
  );
}

const odata =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export function ok(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return json(body, status, { 'content-type': odata, 'cache-control': 'no-cache', ...headers });
}

export function noContent(): Response {
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-cache' } });
}

/** Writes a time as Graph does. @param time milliseconds since the epoch */
export function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
