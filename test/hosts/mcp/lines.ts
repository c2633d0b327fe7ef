import type { EntraMcp, NodeHandler } from '@entra-guard/mcp';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer as McpServer2 } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Editor } from './editor.js';
import type { Tool } from './orders-server.js';

/** A client that is connected, or tries to be. */
export interface Connection {
  readonly connected: Promise<void>;
  finishAuth(code: string): Promise<void>;
  list(): Promise<readonly string[]>;
  /** The text of the result. */
  call(tool: string): Promise<string>;
  close(): Promise<void>;
}

/** A line of the SDK, with a server and a client of it. */
export interface Line {
  readonly handlerOf: (mcp: EntraMcp<Tool>) => NodeHandler;
  readonly connect: (url: URL, editor: Editor | undefined, headers?: Record<string, string>) => Connection;
  /** What clients ask first. */
  readonly hello: 'initialize' | 'server/discover';
  readonly stepsUpWithRefreshToken: boolean;
  /** How its server answers clients that open a stream of events; `undefined` where none do. */
  readonly streamStatus?: number;
}

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

function first(mcp: EntraMcp<Tool>): NodeHandler {
  return async (req, res, body) => {
    const server = new McpServer({ name: 'orders', version: '1.0.0' });
    const { tool } = mcp.registrar(server);
    tool(
      'orders.list',
      { description: 'Lists orders.', inputSchema: { first: z.number().optional() } },
      (args, extra) => text(`${args.first ?? 'all'} for ${mcp.authOf(extra).objectId}`),
    );
    tool('orders.create', {}, () => text('created'));
    tool('orders.purge', {}, () => text('purged'));
    tool('orders.ship', {}, () => text('shipped'));
    const transport = new StreamableHTTPServerTransport({});
    res.on('close', () => void server.close());
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    await transport.handleRequest(req, res, body);
  };
}

function second(mcp: EntraMcp<Tool>): NodeHandler {
  const handler = createMcpHandler(({ authInfo }) => {
    const server = new McpServer2({ name: 'orders', version: '1.0.0' });
    const { tool } = mcp.registrar(server, authInfo);
    tool(
      'orders.list',
      { description: 'Lists orders.', inputSchema: z.object({ first: z.number().optional() }) },
      (args, ctx) => text(`${args.first ?? 'all'} for ${mcp.authOf(ctx).objectId}`),
    );
    tool('orders.create', {}, () => text('created'));
    tool('orders.purge', {}, () => text('purged'));
    tool('orders.ship', {}, () => text('shipped'));
    return server;
  });
  return toNodeHandler(handler);
}

function connectFirst(
  url: URL,
  editor: Editor | undefined,
  headers: Record<string, string> = {},
): Connection {
  const transport = new StreamableHTTPClientTransport(url, {
    ...(editor === undefined ? {} : { authProvider: editor }),
    requestInit: { headers },
  });
  const client = new Client({ name: 'editor', version: '1.0.0' });
  return {
    connected: client.connect(transport as Parameters<typeof client.connect>[0]),
    finishAuth: (code) => transport.finishAuth(code),
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name) => textOf(await client.callTool({ name, arguments: {} })),
    close: () => client.close(),
  };
}

function connectSecond(mode: 'legacy' | 'auto'): Line['connect'] {
  return (url, editor, headers = {}) => {
    const transport = new Transport2(url, {
      ...(editor === undefined ? {} : { authProvider: editor }),
      requestInit: { headers },
    });
    const client = new Client2({ name: 'editor', version: '1.0.0' }, { versionNegotiation: { mode } });
    return {
      connected: client.connect(transport),
      finishAuth: (code) => transport.finishAuth(code),
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name) => textOf(await client.callTool({ name, arguments: {} })),
      close: () => client.close(),
    };
  };
}

function textOf(result: unknown): string {
  const { content } = result as { readonly content: readonly { readonly text?: string }[] };
  return String(content[0]?.text);
}

export const LINES: Readonly<Record<'SDK 1' | 'SDK 2, legacy' | 'SDK 2, modern', Line>> = {
  'SDK 1': {
    handlerOf: first,
    connect: connectFirst,
    hello: 'initialize',
    stepsUpWithRefreshToken: false,
    streamStatus: 200,
  },
  'SDK 2, legacy': {
    handlerOf: second,
    connect: connectSecond('legacy'),
    hello: 'initialize',
    stepsUpWithRefreshToken: true,
    streamStatus: 405,
  },
  'SDK 2, modern': {
    handlerOf: second,
    connect: connectSecond('auto'),
    hello: 'server/discover',
    stepsUpWithRefreshToken: true,
  },
};
