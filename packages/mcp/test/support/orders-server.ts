import {
  allOf,
  anonymous,
  appPermissions,
  authContext,
  type DecisionEvent,
  noAgents,
  onEvent,
  scopes,
  userRoles,
} from '@entra-guard/core';
import { entraMcp, type McpSettings } from '@entra-guard/mcp';
import { type IssuedToken, type LocalEntra, startEntra } from '@entra-guard/testing';
import { onTestFinished } from 'vitest';

export const RESOURCE = 'https://mcp.contoso.com/mcp';
export const METADATA = 'https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp';

export const read = scopes('Orders.Read');
export const write = scopes('Orders.Write');

/** What the server of these tests offers. */
export const TOOLS = {
  'orders.list': read,
  'orders.create': write,
  'orders.purge': allOf(write, userRoles('Orders.Admin'), noAgents({ unknown: 'allow' })),
  'orders.export': allOf(read, authContext('c1')),
  'orders.sync': appPermissions('Orders.Sync.All'),
  hours: anonymous(),
};

/** A local Entra in which the server is registered, with another MCP server of the same tenant. */
export async function entraOf(resource: string = RESOURCE, port?: number): Promise<LocalEntra> {
  const entra = await startEntra({
    ...(port === undefined ? {} : { port }),
    apps: {
      orders: {
        scopes: ['Orders.Read', 'Orders.Write'],
        appRoles: { 'Orders.Admin': ['User'], 'Orders.Sync.All': ['Application'] },
        applicationIdUri: resource,
      },
      notes: { scopes: ['Notes.Read'], applicationIdUri: 'https://mcp.contoso.com/notes' },
      editor: { platform: 'public' },
    },
  });
  onTestFinished(() => entra.close());
  return entra;
}

type Changes = Partial<McpSettings> & Readonly<Record<string, unknown>>;

/** An MCP server on a web-standard host. What is let in is answered with what came in. */
export async function ordersServer(changes: Changes = {}) {
  const entra = await entraOf();
  const mcp = entraMcp({
    ...entra.options('orders'),
    log: false,
    resource: RESOURCE,
    initialScopes: ['Orders.Read'],
    tools: TOOLS,
    ...changes,
  } as Parameters<typeof entraMcp>[0]);
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const handled: unknown[] = [];
  /** Sends a request to the endpoint. */
  const send = (init: RequestInit & { readonly path?: string } = {}) =>
    mcp.handle(new Request(new URL(init.path ?? RESOURCE, RESOURCE), init), (_, { parsedBody }) => {
      handled.push(parsedBody);
      return Response.json({ handled: parsedBody ?? null });
    });
  /** Posts JSON, as it is if it is text. */
  const post = (
    body: unknown,
    token?: IssuedToken | string,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    send({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined
          ? {}
          : { authorization: `Bearer ${typeof token === 'string' ? token : token.token}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { entra, mcp, events, handled, send, post };
}

export const call = (name: string, args: unknown = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

export const request = (method: string, params?: object, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params === undefined ? {} : { params }),
});

export const MODERN = { 'mcp-protocol-version': '2026-07-28' };

/** The parameters of a challenge, by name. */
export function challengeOf(response: Response): Readonly<Record<string, string>> {
  const header = response.headers.get('www-authenticate') ?? '';
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}
