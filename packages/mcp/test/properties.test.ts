import { scopes } from '@entra-guard/core';
import { entraMcp } from '@entra-guard/mcp';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { createMcpHandler, McpServer as McpServer2, ResourceTemplate } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UriTemplate } from '../src/message/uri-template.js';
import { entraOf, RESOURCE } from './support/orders-server.js';

const words = (text: string) => ({ content: [{ type: 'text' as const, text }] });

/** Pieces of calls, as a client or a forger puts them together. */
const name = fc.constantFrom('open', 'closed', 'Closed', '__proto__', 'constructor');
const method = fc.constantFrom('tools/call', 'Tools/Call', 'tools/list', 'ping', 'tools/call ');
const id = fc.constantFrom<unknown>(1, '1', 2, 0, -1, 1.5, null, {}, undefined);
const meta = fc.constantFrom<object>(
  {},
  {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'a', version: '1' },
    },
  },
);
const message = fc.record({ id, method, name, meta }).map(({ id, method, name, meta }) => ({
  jsonrpc: '2.0',
  ...(id === undefined ? {} : { id }),
  method,
  params: { name, arguments: {}, ...meta },
}));

/** Texts that readers of JSON may understand in two ways: members twice, with escapes, and a prototype. */
const text = fc.oneof(
  message.map((one) => JSON.stringify(one)),
  fc.array(message, { maxLength: 3 }).map((all) => JSON.stringify(all)),
  fc.tuple(message, message).map(([first, second]) => {
    const inner = (one: object) => JSON.stringify(one).slice(1, -1);
    return `{${inner(first)},${inner(second)}}`;
  }),
  fc
    .tuple(message, message)
    .map(([first, second]) => `{"__proto__":${JSON.stringify(second)},${JSON.stringify(first).slice(1)}`),
  message.map((one) => JSON.stringify(one).replace('"name":"', '"name":"open","n\\u0061me":"')),
);
const headers = fc.record(
  {
    'mcp-protocol-version': fc.constantFrom('2025-03-26', '2025-11-25', '2026-07-28'),
    'mcp-method': fc.constantFrom('tools/call', 'ping'),
    'mcp-name': fc.constantFrom('open', 'closed'),
  },
  { requiredKeys: [] },
);

describe.each(['SDK 1', 'SDK 2'])('%s', (line) => {
  it('carries out no tool that the gate has not let in, however the call is written', async () => {
    const entra = await entraOf();
    const mcp = entraMcp({
      ...entra.options('orders'),
      log: false,
      resource: RESOURCE,
      initialScopes: ['Orders.Read'],
      tools: { open: scopes('Orders.Read'), closed: scopes('Orders.Write') },
    });
    const carriedOut: string[] = [];
    // Registered without the registrar, so that only the gate stands in front.
    const register = (server: {
      registerTool(name: string, config: object, handler: () => object): unknown;
    }) => {
      for (const tool of ['open', 'closed', 'Closed']) {
        server.registerTool(tool, {}, () => {
          carriedOut.push(tool);
          return words(tool);
        });
      }
    };
    const second = createMcpHandler(() => {
      const server = new McpServer2({ name: 'orders', version: '1.0.0' });
      register(server as never);
      return server;
    });
    const handle = async (asked: Request, options: object): Promise<Response> => {
      if (line === 'SDK 2') return second.fetch(asked, options);
      const server = new McpServer({ name: 'orders', version: '1.0.0' });
      register(server as never);
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport as never);
      return transport.handleRequest(asked, options);
    };
    const { authorization } = entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).headers;
    const asked = (body: string, given: object) =>
      new Request(RESOURCE, {
        method: 'POST',
        headers: {
          authorization,
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          ...given,
        },
        body,
      });
    await fc.assert(
      fc.asyncProperty(text, headers, fc.boolean(), async (body, given, byHand) => {
        const request = asked(body, given);
        const answer = byHand
          ? ((await mcp.handle(request)) ?? (await handle(request, { authInfo: mcp.authInfoOf(request) })))
          : await mcp.handle(request, handle as never);
        // A stream of events ends with the last answer.
        await answer.text();
        expect(carriedOut.filter((tool) => tool !== 'open')).toEqual([]);
      }),
      { numRuns: 300, seed: 20261130 },
    );
    // It would carry them out, were they let in.
    expect(carriedOut).toContain('open');
  });
});

it("a template fits every URI that the SDK's own template fits", () => {
  const template = fc
    .array(
      fc.constantFrom(
        'a',
        '/',
        '-',
        '.',
        '{x}',
        '{y}',
        '{+z}',
        '{/p}',
        '{?q}',
        '{&r}',
        '{.e}',
        '{#f}',
        '{x*}',
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => `x://${parts.join('')}`);
  const uri = fc
    .array(fc.constantFrom('a', 'b', '/', '-', '.', '?q=1', '&r=2', '#f', ',', '%2F'), { maxLength: 8 })
    .map((parts) => `x://${parts.join('')}`);
  let fitting = 0;
  fc.assert(
    fc.property(template, uri, (written, given) => {
      fc.pre(UriTemplate.isTemplate(written));
      const theirs = new ResourceTemplate(written, { list: undefined }).uriTemplate.match(given);
      if (theirs === null) return;
      fitting++;
      expect(new UriTemplate(written).fits(given)).toBe(true);
    }),
    { numRuns: 5000, seed: 20261130 },
  );
  expect(fitting).toBeGreaterThan(50);
});
