import { ConfigurationError } from '@entra-guard/core';
import { nearest, printable } from '@entra-guard/core/mcp';
import { type Callers, callIdOf } from '../decide/callers.js';
import type { Entries, Entry, EntryKind } from '../options/entries.js';
import type { ListFilter } from './lists.js';
import type {
  ContextOf,
  HandlerOf,
  InputLike,
  McpServerLike,
  RegisteredBy,
  ResultOf,
  ToolResultOf,
} from './types.js';

/** What a tool is registered with. Further members are handed to the SDK as they are. */
export interface ToolConfig<Input> {
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: Input;
  readonly outputSchema?: unknown;
  readonly annotations?: object;
  readonly icons?: readonly object[];
  readonly _meta?: Record<string, unknown>;
}

/** What a prompt is registered with. Further members are handed to the SDK as they are. */
export interface PromptConfig<Input> {
  readonly title?: string;
  readonly description?: string;
  readonly argsSchema?: Input;
  readonly icons?: readonly object[];
  readonly _meta?: Record<string, unknown>;
}

/** The SDKs' `ResourceTemplate`. */
export interface ResourceTemplateLike {
  readonly uriTemplate: { toString(): string };
}

/** Registers what has a requirement, with the signatures of `registerTool`, `registerPrompt` and `registerResource`. */
export interface Registrar<
  Server extends McpServerLike,
  Tool extends string,
  Prompt extends string,
  Resource extends string,
> {
  /** @throws ConfigurationError for a tool that `tools` does not name */
  tool<const Input extends InputLike | undefined = undefined>(
    name: Tool,
    config: ToolConfig<Input>,
    handler: HandlerOf<Input, ContextOf<Server>, ToolResultOf<Server>>,
  ): RegisteredBy<Server['registerTool']>;
  /** @throws ConfigurationError for a prompt that `prompts` does not name */
  prompt<const Input extends InputLike | undefined = undefined>(
    name: Prompt,
    config: PromptConfig<Input>,
    handler: HandlerOf<Input, ContextOf<Server>, ResultOf<Server['registerPrompt']>>,
  ): RegisteredBy<Server['registerPrompt']>;
  /**
   * @param uri the key in `resources`: a URI, or the SDK's `ResourceTemplate` with the template that is the key
   * @throws ConfigurationError for a resource that `resources` does not name
   */
  resource(
    name: string,
    uri: Resource,
    config: Readonly<Record<string, unknown>>,
    handler: (uri: URL, context: ContextOf<Server>) => ResultOf<Server['registerResource']>,
  ): RegisteredBy<Server['registerResource']>;
  resource(
    name: string,
    template: ResourceTemplateLike,
    config: Readonly<Record<string, unknown>>,
    handler: (
      uri: URL,
      variables: Record<string, string | string[]>,
      context: ContextOf<Server>,
    ) => ResultOf<Server['registerResource']>,
  ): RegisteredBy<Server['registerResource']>;
}

type AnyHandler = (...parts: unknown[]) => unknown;

/** Makes registrars, and remembers what was registered by any of them. */
export class Registrars {
  readonly #entries: Entries;
  readonly #callers: Callers;
  readonly #lists: ListFilter;
  readonly registered = new Set<Entry>();

  constructor(entries: Entries, callers: Callers, lists: ListFilter) {
    this.#entries = entries;
    this.#callers = callers;
    this.#lists = lists;
  }

  /** @throws ConfigurationError for what is not an `McpServer`, and for an `AuthInfo` that is not of the gate */
  for<Server extends McpServerLike, Tool extends string, Prompt extends string, Resource extends string>(
    server: Server,
    authInfo: object | undefined,
  ): Registrar<Server, Tool, Prompt, Resource> {
    assertServer(server);
    if (authInfo !== undefined && this.#callers.find(authInfo) === undefined) {
      throw new ConfigurationError(
        'mcp.registrar(...) was given an authInfo that is not of this gate.',
        'Pass the authInfo that the SDK gives, itself and not a copy, and put mcp.express(handler), mcp.gate() or mcp.handle(request) in front.',
      );
    }
    this.#lists.on(server.server);
    const register = (
      method: 'registerTool' | 'registerPrompt' | 'registerResource',
      entry: Entry,
      parts: readonly unknown[],
    ): never => {
      const config = parts.at(-2) as Readonly<Record<string, unknown>>;
      const handler = parts.at(-1) as AnyHandler;
      assertOwnChallenge(entry, config);
      const given = [...parts.slice(0, -2), this.#challenging(entry, config), this.#decided(entry, handler)];
      const registered = (server[method] as unknown as AnyHandler).apply(server, given);
      this.registered.add(entry);
      return registered as never;
    };
    return Object.freeze({
      tool: (name: Tool, config: object, handler: unknown) =>
        register('registerTool', this.#entry('tool', name), [name, config, handler]),
      prompt: (name: Prompt, config: object, handler: unknown) =>
        register('registerPrompt', this.#entry('prompt', name), [name, config, handler]),
      resource: (name: string, uri: string | ResourceTemplateLike, config: object, handler: unknown) => {
        const key = typeof uri === 'string' ? uri : String(Object(uri).uriTemplate);
        return register('registerResource', this.#entry('resource', key), [name, uri, config, handler]);
      },
    }) as Registrar<Server, Tool, Prompt, Resource>;
  }

  #entry(kind: EntryKind, name: string): Entry {
    const entry = this.#entries.named(kind, name);
    if (entry !== undefined) return entry;
    const near = nearest(name, this.#entries.names(kind));
    throw new ConfigurationError(
      `The ${kind} '${printable(name)}' has no requirement, so that it does not exist.`,
      near === undefined
        ? `Name it in ${kind}s of entraMcp(...), with what it requires.`
        : `Did you mean '${near}'?`,
    );
  }

  /** The second line of the SDK asks before it dispatches. The gate has decided by then: its decision is read. */
  #challenging(entry: Entry, config: Readonly<Record<string, unknown>>): object {
    if (entry.requirement.role === 'anonymous') return config;
    const scopeChallenge = (asked: { readonly request: unknown; readonly authInfo?: unknown }): undefined => {
      const id = Object(asked.request).id as unknown;
      this.#assertDecided(entry, asked.authInfo, id);
    };
    return { ...config, scopeChallenge };
  }

  #decided(entry: Entry, handler: AnyHandler): AnyHandler {
    if (entry.requirement.role === 'anonymous') return handler;
    return (...parts) => {
      const context = parts.at(-1);
      this.#assertDecided(entry, context, callIdOf(context));
      return handler(...parts);
    };
  }

  /** @throws ConfigurationError for a call that the gate has not let in to this entry */
  #assertDecided(entry: Entry, of: unknown, id: unknown): void {
    const known = this.#callers.find(of);
    if (known?.allowed.get(id as string)?.includes(entry)) return;
    throw new ConfigurationError(
      `The ${entry.kind} '${entry.name}' was reached by a call that the gate has not let in.`,
      'Put mcp.express(handler), mcp.gate() or mcp.handle(request) in front of every way to the server.',
    );
  }
}

/** A second rule next to `tools` would be one that lists, events and inventories do not know. */
function assertOwnChallenge({ kind, name }: Entry, config: unknown): void {
  if (typeof config !== 'object' || config === null) {
    throw new ConfigurationError(
      `The ${kind} '${name}' was registered with ${config === null ? 'null' : typeof config} instead of its description.`,
      `Pass an object, then the handler: ${kind}('${name}', { description: '…' }, handler).`,
    );
  }
  if (!Object.hasOwn(config, 'scopeChallenge')) return;
  throw new ConfigurationError(
    `The ${kind} '${name}' has a scopeChallenge of its own.`,
    `Leave it out: what the ${kind} requires stands in ${kind}s of entraMcp(...).`,
  );
}

function assertServer(server: unknown): asserts server is McpServerLike {
  const { registerTool, server: lowLevel } = Object(server) as Partial<McpServerLike>;
  if (typeof registerTool === 'function' && typeof lowLevel?.setRequestHandler === 'function') return;
  throw new ConfigurationError(
    'mcp.registrar(...) was given something else than an McpServer.',
    'Pass the McpServer of @modelcontextprotocol/sdk or of @modelcontextprotocol/server.',
  );
}
