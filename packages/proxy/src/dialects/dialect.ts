import type { IncomingMessage } from 'node:http';

/** The servers that a decision service can be asked by. */
export const DIALECTS = ['nginx', 'haproxy', 'caddy', 'traefik', 'envoy-http'] as const;

/** A server that a decision service is asked by. */
export type DialectName = (typeof DIALECTS)[number];

/** The request that a server asks about, as the client sent it. */
export interface AskedRequest {
  readonly method: string;
  readonly host: string;
  /** The request target, query included. */
  readonly path: string;
}

/** What is asked: for a decision; or for the answer that a refused client gets. */
export type Endpoint = 'check' | 'refusal';

/** How one server asks, and what it makes of an answer. */
export interface Dialect {
  readonly name: DialectName;
  /** Which question this is; `undefined` for none. */
  endpointOf(request: IncomingMessage): Endpoint | undefined;
  /**
   * Reads what is asked about: each fact from its only place, and where it stands exactly once.
   *
   * @throws RequestError `request_invalid`
   */
  read(request: IncomingMessage): AskedRequest;
  /** Whether the server passes answers on to the client, other than 200. Others ask for it a second time. */
  readonly passesAnswers: boolean;
  /** The header of the answer that holds what `Cookie` is to become. */
  readonly cookieHeader: 'X-Entra-Cookie' | 'Cookie';
  /**
   * Whether a header has to be removed from the request, and the server can't: by its name as it stands there. Absent where it can
   * remove all.
   */
  readonly remains?: (name: string) => boolean;
  /** The header of the answer that names headers of the request to remove, where the server knows such. */
  readonly removesBy?: 'X-Envoy-Auth-Headers-To-Remove';
}
