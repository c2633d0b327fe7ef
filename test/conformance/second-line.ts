import { randomBytes } from 'node:crypto';
import type { EntraMcp, NodeHandler } from '@entra-guard/mcp';
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import {
  type AuthInfo,
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  completable,
  createMcpHandler,
  createRequestStateCodec,
  fromJsonSchema,
  type InputRequests,
  inputRequired,
  isLegacyRequest,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Kit, type Register, registerEverything, text } from './everything.js';
import { type SessionTransport, sessionHandler } from './sessions.js';

const kit: Kit = {
  shape: (members) => z.object(members as z.ZodRawShape),
  completed: (values) =>
    completable(z.string(), (typed) => values.filter((value) => value.startsWith(String(typed)))),
  template: (uri) => new ResourceTemplate(uri, { list: undefined }),
  talk(context) {
    const { mcpReq, http }: ServerContext = context;
    return {
      progressToken: mcpReq._meta?.progressToken,
      notify: (method, params) => mcpReq.notify({ method, params: { ...params } }),
      log: (data) => mcpReq.log('info', data),
      ask: (method, params) => mcpReq.send({ method, params: { ...params } }, z.looseObject({})),
      endStream: () => http?.closeSSE?.(),
    };
  },
};

const requestState = createRequestStateCodec({ key: randomBytes(32) });

const NAME = z.object({ name: z.string() });
const CONFIRMED = z.object({ ok: z.boolean() });
const COLOUR = z.object({ color: z.string() });
const CONTEXT = z.object({ context: z.string() });
const form = (requestedSchema: z.ZodObject) => inputRequired.elicit({ message: 'Please', requestedSchema });
const sample = inputRequired.createMessage({
  messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }],
  maxTokens: 100,
});
const roots = inputRequired.listRoots();

/** What a tool asks for round by round, and the schemas of answers to forms. */
type Rounds = readonly {
  readonly asks: InputRequests;
  readonly schemas?: Readonly<Record<string, z.ZodObject>>;
}[];

const ROUNDS: Readonly<Record<string, Rounds>> = {
  test_input_required_result_elicitation: [{ asks: { user_name: form(NAME) }, schemas: { user_name: NAME } }],
  test_input_required_result_sampling: [{ asks: { capital_question: sample } }],
  test_input_required_result_list_roots: [{ asks: { client_roots: roots } }],
  test_input_required_result_request_state: [
    { asks: { confirm: form(CONFIRMED) }, schemas: { confirm: CONFIRMED } },
  ],
  test_input_required_result_multiple_inputs: [
    { asks: { user_name: form(NAME), greeting: sample, client_roots: roots }, schemas: { user_name: NAME } },
  ],
  test_input_required_result_multi_round: [
    { asks: { step1: form(NAME) }, schemas: { step1: NAME } },
    { asks: { step2: form(COLOUR) }, schemas: { step2: COLOUR } },
  ],
  test_input_required_result_tampered_state: [
    { asks: { confirm: form(CONFIRMED) }, schemas: { confirm: CONFIRMED } },
  ],
  test_streaming_elicitation: [{ asks: { confirm: form(CONFIRMED) } }],
  test_missing_capability: [{ asks: { capital_question: sample } }],
};

/** The round that is to be asked, or was answered in a way that has to be asked again. */
async function round(name: string, rounds: Rounds, { mcpReq }: ServerContext): Promise<unknown> {
  const at = Number(mcpReq.requestState<{ readonly round: number }>()?.round ?? 0);
  const { asks, schemas = {} } = rounds[at] ?? { asks: {} };
  const answers = mcpReq.inputResponses;
  const complete = Object.keys(asks).every((key) => {
    const schema = schemas[key];
    return schema === undefined
      ? Object(answers)[key] !== undefined
      : acceptedContent(answers, key, schema) !== undefined;
  });
  const next = complete ? at + 1 : at;
  const asked = rounds[next];
  if (asked === undefined) return text(`state-ok: ${name} is complete`);
  return inputRequired({ inputRequests: asked.asks, requestState: await requestState.mint({ round: next }) });
}

/** Keywords that only JSON Schema 2020-12 has. */
const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { city: { type: 'string' } } } },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const;

export const MODERN_TOOLS = [
  ...Object.keys(ROUNDS),
  'test_input_required_result_capabilities',
  'test_logging_tool',
  'json_schema_2020_12_tool',
  'test_mirrored',
  'test_trigger_tool_change',
  'test_trigger_prompt_change',
];
export const MODERN_PROMPTS = ['test_input_required_result_prompt'];

/** Registers what only revision 2026-07-28 has. */
function registerModern(register: Register, changed: { tools(): void; prompts(): void }): void {
  for (const [name, rounds] of Object.entries(ROUNDS)) {
    register.tool(name, { description: name }, (context: ServerContext) => round(name, rounds, context));
  }
  const declared = 'test_input_required_result_capabilities';
  register.tool(declared, { description: declared }, (context: ServerContext) => {
    const capabilities = Object(Object(context.mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY]);
    const asks = {
      ...(capabilities.sampling ? { sampled: sample } : {}),
      ...(capabilities.elicitation ? { elicited: form(NAME) } : {}),
      ...(capabilities.roots ? { listed: roots } : {}),
    };
    return round(declared, [{ asks }], context);
  });
  const headers = z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) });
  register.tool('test_mirrored', { description: 'Mirrors a header.', inputSchema: headers }, () =>
    text('ok'),
  );
  register.tool('test_logging_tool', { description: 'Logs.' }, async (context: ServerContext) => {
    await context.mcpReq.log('info', 'logged');
    return text('logged');
  });
  register.tool('test_trigger_tool_change', { description: 'Changes tools.' }, () => {
    changed.tools();
    return text('changed');
  });
  register.tool('test_trigger_prompt_change', { description: 'Changes prompts.' }, () => {
    changed.prompts();
    return text('changed');
  });
  register.prompt(
    'test_input_required_result_prompt',
    { description: 'Asks.' },
    ({ mcpReq }: ServerContext) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'user_context', CONTEXT);
      if (answer === undefined) return inputRequired({ inputRequests: { user_context: form(CONTEXT) } });
      return { messages: [{ role: 'user', content: { type: 'text', text: answer.context } }] };
    },
  );
}

type Gate = EntraMcp<string, string, string>;

/** Makes a server for one request or session. */
function serverOf(gate: Gate | undefined, authInfo?: AuthInfo) {
  const server = new McpServer(
    { name: 'everything', version: '1.0.0' },
    {
      capabilities: { logging: {}, resources: { subscribe: true } },
      requestState: { verify: requestState.verify },
    },
  );
  const register = (gate?.registrar(server, authInfo) ?? bare(server)) as Register;
  registerEverything(register, kit);
  const inputSchema = fromJsonSchema(SCHEMA);
  register.tool('json_schema_2020_12_tool', { description: 'Has a schema.', inputSchema }, () => text('ok'));
  return { server, register };
}

function handlerOf(gate: Gate | undefined, legacy: 'stateless' | 'reject') {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const { server, register } = serverOf(gate, authInfo);
      registerModern(register, {
        tools: () => handler.notify.toolsChanged(),
        prompts: () => handler.notify.promptsChanged(),
      });
      return server;
    },
    { legacy },
  );
  return handler;
}

/**
 * A server of `@modelcontextprotocol/server` for web-standard requests, with its gate, on a server of Node.
 *
 * @param gate `undefined` for a bare server
 */
export function secondLineOnWeb(gate: Gate | undefined): NodeHandler {
  const { fetch } = handlerOf(gate, 'stateless');
  return toNodeHandler({ fetch: gate === undefined ? fetch : (request) => gate.handle(request, fetch) });
}

/** A server of `@modelcontextprotocol/server`. @param gate the gate in front; `undefined` for a bare server */
export function secondLine(gate: Gate | undefined): NodeHandler {
  const sessions = sessionHandler(async (options) => {
    const { server } = serverOf(gate);
    server.server.setRequestHandler('resources/subscribe', () => ({}));
    server.server.setRequestHandler('resources/unsubscribe', () => ({}));
    const transport = new NodeStreamableHTTPServerTransport(options);
    await server.connect(transport);
    return transport as SessionTransport;
  });
  const modern = toNodeHandler(handlerOf(gate, 'reject'));
  return async (request, response, body) => {
    const isLegacy = await isLegacyRequest(await toWebRequest(request, body));
    return isLegacy ? sessions(request, response, body) : modern(request, response, body);
  };
}

function bare(server: McpServer): unknown {
  return {
    tool: server.registerTool.bind(server),
    prompt: server.registerPrompt.bind(server),
    resource: server.registerResource.bind(server),
  };
}
