import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InProcessEntra } from '@entra-guard/testing';
import { listen } from '../../../test/support/listen.js';

/** The address of the server for its clients; tests lead it to this machine. */
export const ORIGIN = 'https://mcp.contoso.com';
export const MCP = `${ORIGIN}/mcp`;
const AT_PATH = '/.well-known/oauth-protected-resource/mcp';
const AT_ROOT = '/.well-known/oauth-protected-resource';

export interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a request is answered, by its path. `undefined`: as the correct server does. */
export type Instead = (request: IncomingMessage) => Answered | undefined;

/** The metadata that works with Entra. */
export function metadata(tenantId: string): Readonly<Record<string, unknown>> {
  return {
    resource: MCP,
    authorization_servers: [`https://login.microsoftonline.com/${tenantId}/v2.0`],
    scopes_supported: [`${MCP}/Orders.Read`],
    bearer_methods_supported: ['header'],
    resource_name: 'Orders',
  };
}

export const CHALLENGE = `Bearer realm="orders", resource_metadata="${ORIGIN}${AT_PATH}", scope="${MCP}/Orders.Read"`;

/** A server that answers callers without a token as MCP and Entra want it. */
export function correct(request: IncomingMessage, document: Readonly<Record<string, unknown>>): Answered {
  const { url, method, headers } = request;
  if (url === AT_PATH || url === AT_ROOT) {
    return { status: 200, headers: { 'access-control-allow-origin': '*' }, body: document };
  }
  if (url !== '/mcp') return { status: 404 };
  if (headers.origin !== undefined && headers.origin !== 'http://localhost:6274') return { status: 403 };
  if (method === 'GET') return { status: 405, headers: { allow: 'POST' } };
  return { status: 401, headers: { 'www-authenticate': CHALLENGE } };
}

export interface ForeignServer {
  /** Leads the server's address to this machine, and Entra's to the local Entra. */
  readonly fetch: typeof fetch;
  /** What it was asked: method, path, and whether there was a token. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** Serves an MCP server that is not ours. */
export async function foreignServer(
  entra: InProcessEntra,
  instead: Instead = () => undefined,
): Promise<ForeignServer> {
  const document = metadata(entra.tenantId);
  const seen: string[] = [];
  const { origin, close } = await listen((request, response) => {
    const { method, url, headers } = request;
    seen.push(`${method} ${url}${headers.authorization === undefined ? '' : ' with a token'}`);
    write(response, instead(request) ?? correct(request, document));
  });
  return {
    seen,
    close,
    fetch: (input, init) => {
      const url = String(input);
      if (url.startsWith(`${ORIGIN}/`)) return fetch(origin + url.slice(ORIGIN.length), init);
      if (url.startsWith('https://login.microsoftonline.com/')) return entra.fetch(url, init);
      return Promise.reject(new Error(`A test asks ${url}.`));
    },
  };
}

function write(response: ServerResponse, { status, headers = {}, body }: Answered): void {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const type = text === '' || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers }).end(text);
}
