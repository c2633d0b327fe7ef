import type { EntraMcp, NodeHandler } from '@entra-guard/mcp';
import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  type ServerNotification,
  type ServerRequest,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { type Kit, type Register, registerEverything } from './everything.js';
import { type SessionTransport, sessionHandler } from './sessions.js';

const kit: Kit = {
  shape: (members) => members,
  completed: (values) =>
    completable(z.string(), (typed) => values.filter((value) => value.startsWith(String(typed)))),
  template: (uri) => new ResourceTemplate(uri, { list: undefined }),
  talk(context) {
    const extra: RequestHandlerExtra<ServerRequest, ServerNotification> = context;
    const notify = (method: string, params: object) =>
      extra.sendNotification({ method, params } as ServerNotification);
    return {
      progressToken: extra._meta?.progressToken,
      notify,
      log: (data) => notify('notifications/message', { level: 'info', data }),
      ask: (method, params) => extra.sendRequest({ method, params } as ServerRequest, z.looseObject({})),
      endStream: () => extra.closeSSEStream?.(),
    };
  },
};

/** A server of `@modelcontextprotocol/sdk`. @param gate the gate in front; `undefined` for a bare server */
export function firstLine(gate: EntraMcp<string, string, string> | undefined): NodeHandler {
  return sessionHandler(async (options) => {
    const server = new McpServer(
      { name: 'everything', version: '1.0.0' },
      { capabilities: { logging: {}, resources: { subscribe: true } } },
    );
    registerEverything((gate?.registrar(server) ?? bare(server)) as Register, kit);
    server.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
    server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
    const transport = new StreamableHTTPServerTransport(options);
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    return transport as SessionTransport;
  });
}

function bare(server: McpServer): unknown {
  return {
    tool: server.registerTool.bind(server),
    prompt: server.registerPrompt.bind(server),
    resource: server.registerResource.bind(server),
  };
}
