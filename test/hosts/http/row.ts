import type { IssuedToken, LocalEntra } from '@entra-guard/testing';
import type { WhoCalls } from './routes.js';

/** One HTTP exchange that every host has to answer in the same way. */
export interface HttpRow {
  /** A sentence about Entra or HTTP, not about a host. */
  readonly name: string;
  readonly request: (entra: LocalEntra) => RowRequest;
  readonly expect: Granted | Refused;
  /** The local Entra answers 503 wherever keys and metadata are asked for, and nothing is known yet. */
  readonly keys?: 'unavailable';
  /** Left out for other hosts. */
  readonly appliesTo?: (host: HostTraits) => boolean;
}

export interface RowRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'OPTIONS';
  /** With its query. */
  readonly path: string;
  /** Sent as they are, in this order: the same name may come twice. */
  readonly headers: readonly HeaderPair[];
  readonly body?: string;
}

export type HeaderPair = readonly [name: string, value: string];

/** The handler has run. */
export interface Granted {
  readonly status: 200;
  readonly body?: Partial<WhoCalls>;
}

/** The handler has not run. The runner checks `Cache-Control` and the shape of the body in every such row. */
export interface Refused {
  readonly status: 400 | 401 | 403 | 404 | 500 | 503;
  readonly code: string;
  /** The whole `WWW-Authenticate`; `{tenant}` and `{api}` stand for GUIDs. Absent: there must be none. */
  readonly challenge?: string;
  /** `enough` of the body; `{api}` stands for a GUID. Absent: there must be none. */
  readonly enough?: Readonly<Record<string, readonly string[]>>;
  /** `claim` of the body: the optional claim that the token lacks. Absent: there must be none. */
  readonly claim?: string;
  readonly headers?: Readonly<Record<string, RegExp>>;
}

/** How a host differs, where it may. */
export interface HostTraits {
  /** What becomes of a handler that declares nothing. */
  readonly undeclared: 'open' | 'denied';
  /** Content type of refusals. Default `application/problem+json`; Nest on Express 11 forces `application/json`. */
  readonly problemType?: RegExp;
}

export function get(path: string, ...headers: readonly HeaderPair[]): RowRequest {
  return { method: 'GET', path, headers };
}

export function bearer({ token }: IssuedToken): HeaderPair {
  return ['Authorization', `Bearer ${token}`];
}

/** A challenge that names an error: RFC 6750 section 3. */
export function challenge(error: string, description: string, more = ''): string {
  return `Bearer realm="{tenant}", error="${error}", error_description="${description}"${more}`;
}
