import type { AuthContext, Guard } from '@entra-guard/core';
import { Challenges } from './answer/challenges.js';
import type { AuthInfo } from './decide/auth-info.js';
import { Callers } from './decide/callers.js';
import { Gate } from './decide/gate.js';
import { type Middleware, type NodeHandler, NodeHost } from './host/node.js';
import { type WebHandler, WebHost } from './host/web.js';
import { Documents } from './metadata/documents.js';
import type { EntryKind } from './options/entries.js';
import type { EntraMcpOptions } from './options/options.js';
import { readSettings, type Settings } from './options/settings.js';
import { tell } from './options/tell.js';
import { ListFilter } from './server/lists.js';
import { type Registrar, Registrars } from './server/registrar.js';
import type { McpServerLike } from './server/types.js';

/** An MCP server as a resource server of Entra. Each part can be destructured. */
export interface EntraMcp<
  Tool extends string = string,
  Prompt extends string = string,
  Resource extends string = string,
> {
  /**
   * All that a server on Express needs: metadata, gate, body and handler, at the path of `resource`. Other paths go on. Mount it at the
   * root, and no parser in front: the body is read for callers with a valid token only.
   *
   * ```ts
   * app.use(mcp.express(toNodeHandler(handler)));
   * ```
   *
   * @throws ConfigurationError at once for what is not a function
   */
  readonly express: (handler: NodeHandler) => Middleware;
  /** Serves the metadata alone, at its paths below `/.well-known`. Mount it at the root. */
  readonly metadata: () => Middleware;
  /**
   * Authenticates, reads the body unless a parser has, decides every call in it, and lets the request go on or answers it. Puts an
   * `AuthInfo` on `req.auth`, and what was judged on `req.body`.
   */
  readonly gate: () => Middleware;
  /** Hands what the gate let in to a handler. @throws ConfigurationError at once for what is not a function */
  readonly serve: (handler: NodeHandler) => Middleware;
  /**
   * Registers tools, prompts and resources on a server of either line of the SDK, and filters its lists by what the caller of each
   * request could use.
   *
   * @param authInfo of the request that the server is made for, if it is made for one
   * @throws ConfigurationError for what is not an `McpServer`
   */
  readonly registrar: <Server extends McpServerLike>(
    server: Server,
    authInfo?: object,
  ) => Registrar<Server, Tool, Prompt, Resource>;
  /**
   * Returns the caller: of the context of a tool, prompt or resource, of the host's request, or of an `AuthInfo`. Reads none of their
   * members that other code could have written.
   *
   * @throws ConfigurationError where there is no caller: for what did not come through the gate, and for callers without a token
   */
  readonly authOf: (of: object) => AuthContext;
  /**
   * Answers a web-standard request: metadata and refusals. Without a handler, `undefined` says that the request may go to one: its
   * body can still be read. With a handler, returns what that answers.
   *
   * ```ts
   * const response = (await mcp.handle(request)) ?? (await handler.fetch(request, { authInfo: mcp.authInfoOf(request) }));
   * ```
   *
   * @throws ConfigurationError for a request whose body was read already (as a rejection)
   */
  readonly handle: {
    (request: Request): Promise<Response | undefined>;
    (request: Request, handler: WebHandler): Promise<Response>;
  };
  /** The guard that decides: its `health()` is for readiness probes, its `close()` for the end. */
  readonly guard: Guard;
  /** The SDK's `AuthInfo` of a request that {@link handle} has let go on. */
  readonly authInfoOf: (request: Request) => AuthInfo | undefined;
}

/**
 * Guards an MCP server with Microsoft Entra ID: every tool, prompt and resource has a requirement, clients find out how to sign in,
 * and only the one set-up starts in which Entra and MCP agree.
 *
 * ```ts
 * const mcp = entraMcp({
 *   tenantId,
 *   clientId,
 *   resource: 'https://mcp.contoso.com/mcp',
 *   initialScopes: ['Orders.Read'],
 *   tools: { 'orders.list': scopes('Orders.Read'), 'orders.create': scopes('Orders.Write') },
 * });
 * app.use(mcp.express(toNodeHandler(handler)));
 * ```
 *
 * @throws ConfigurationError for invalid options, and for a set-up that Entra or clients would refuse
 */
export function entraMcp<
  const Tool extends string,
  const Prompt extends string = never,
  const Resource extends string = never,
>(options: EntraMcpOptions<Tool, Prompt, Resource>): EntraMcp<Tool, Prompt, Resource> {
  const settings = readSettings(options as EntraMcpOptions);
  const { guard, resource, initialScopes, entries } = settings;
  const documents = new Documents(settings);
  const challenges = new Challenges(guard, resource, initialScopes, documents.metadataUrl);
  const callers = new Callers();
  const gate = new Gate(settings, challenges, callers, documents.metadataUrl);
  const lists = new ListFilter(gate, entries, callers, (kind) => warnOnce(kind));
  const registrars = new Registrars(entries, callers, lists);
  const warnOnce = missingWarner(settings, registrars);
  const node = new NodeHost(settings, gate, documents);
  const web = new WebHost(settings, gate, documents, callers);
  return Object.freeze<EntraMcp<Tool, Prompt, Resource>>({
    express: (handler) => node.express(handler),
    metadata: () => node.metadata(),
    gate: () => node.gate(),
    serve: (handler) => node.serve(handler),
    registrar: (server, authInfo) => registrars.for(server, authInfo),
    authOf: (of) => callers.authOf(of),
    handle: ((request: Request, handler?: WebHandler) => web.handle(request, handler)) as EntraMcp['handle'],
    guard,
    authInfoOf: (request) => web.authInfoOf(request),
  });
}

/** Warns once of what has a requirement and was not registered when a list was first asked for: its name may be misspelt. */
function missingWarner({ entries, access }: Settings, registrars: Registrars): (kind: EntryKind) => void {
  const told = new Set<EntryKind>();
  return (kind) => {
    if (told.has(kind)) return;
    told.add(kind);
    const missing = entries.all.filter((entry) => entry.kind === kind && !registrars.registered.has(entry));
    if (missing.length === 0) return;
    tell(access.log, {
      message: `No ${kind} was registered for: ${missing.map(({ name }) => name).join(', ')}.`,
      hint: `Register each by mcp.registrar(server).${kind}(…), or take it out of ${kind}s.`,
    });
  };
}
