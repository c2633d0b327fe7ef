import { ConfigurationError } from '@entra-guard/core';
import type { Callers } from '../decide/callers.js';
import type { Gate } from '../decide/gate.js';
import type { Entries, EntryKind } from '../options/entries.js';

/** The part of the SDKs' low-level server that lists are filtered at. */
export interface LowLevelServer {
  setRequestHandler(...handler: never[]): unknown;
  assertCanSetRequestHandler(method: string): void;
}

/** A list of something that has requirements. */
interface List {
  readonly kind: EntryKind;
  /** The member of the result that holds the list. */
  readonly member: string;
  /** The member of an item that names it. */
  readonly by: string;
}

const LISTS: ReadonlyMap<unknown, List> = new Map([
  ['tools/list', { kind: 'tool', member: 'tools', by: 'name' }],
  ['prompts/list', { kind: 'prompt', member: 'prompts', by: 'name' }],
  ['resources/list', { kind: 'resource', member: 'resources', by: 'uri' }],
  ['resources/templates/list', { kind: 'resource', member: 'resourceTemplates', by: 'uriTemplate' }],
] satisfies [string, List][]);

type Handler = (request: { readonly method?: unknown }, context: unknown) => unknown;

/** Leaves out of lists what their caller can't use: for each request, whichever session or server it comes to. */
export class ListFilter {
  readonly #gate: Pick<Gate, 'outlookOf'>;
  readonly #entries: Entries;
  readonly #callers: Callers;
  readonly #listed: (kind: EntryKind) => void;
  readonly #servers = new WeakSet<object>();

  /** @param listed called when a list of the kind was asked for */
  constructor(
    gate: Pick<Gate, 'outlookOf'>,
    entries: Entries,
    callers: Callers,
    listed: (kind: EntryKind) => void,
  ) {
    this.#gate = gate;
    this.#entries = entries;
    this.#callers = callers;
    this.#listed = listed;
  }

  /**
   * Filters the lists of a server, those that it has and those that it will have.
   *
   * @throws ConfigurationError for a server that has lists already which can't be reached
   */
  on(server: LowLevelServer): void {
    if (this.#servers.has(server)) return;
    this.#servers.add(server);
    this.#wrapExisting(server);
    const set = server.setRequestHandler.bind(server) as (...parts: unknown[]) => unknown;
    const setRequestHandler = (...parts: unknown[]): unknown => {
      // The handler is the last part: the SDK's first line names the method by a schema, the second by text.
      const handler = parts.at(-1) as Handler;
      const named = typeof parts[0] === 'string' ? parts[0] : undefined;
      return set(...parts.slice(0, -1), this.#wrapped(handler, named));
    };
    Object.defineProperty(server, 'setRequestHandler', { value: setRequestHandler, configurable: true });
  }

  #wrapExisting(server: LowLevelServer): void {
    const handlers: unknown = (server as { readonly _requestHandlers?: unknown })._requestHandlers;
    for (const method of LISTS.keys() as Iterable<string>) {
      if (!hasHandler(server, method)) continue;
      const handler = handlers instanceof Map ? (handlers.get(method) as Handler | undefined) : undefined;
      if (typeof handler !== 'function') {
        throw new ConfigurationError(
          `The server answers ${method} already, and what it lists can't be reached.`,
          'Call mcp.registrar(server) before anything is registered on the server.',
        );
      }
      (handlers as Map<string, Handler>).set(method, this.#wrapped(handler, method));
    }
  }

  /** @param named the method, where it is known; else requests name it */
  #wrapped(handler: Handler, named: string | undefined): Handler {
    return async (request, context) => {
      const result = await handler(request, context);
      const list = LISTS.get(named ?? request.method);
      return list === undefined ? result : this.#filtered(list, result, context);
    };
  }

  async #filtered({ kind, member, by }: List, result: unknown, context: unknown): Promise<unknown> {
    this.#listed(kind);
    const items: unknown = Object(result)[member];
    if (!Array.isArray(items)) return result;
    const kept: unknown[] = [];
    for (const item of items as readonly unknown[]) {
      const name: unknown = Object(item)[by];
      if (typeof name === 'string' && (await this.#isUsable(kind, name, context))) kept.push(item);
    }
    return { ...(result as object), [member]: kept };
  }

  /** What lacks only scopes is listed: a client could not ask for them otherwise. */
  async #isUsable(kind: EntryKind, name: string, context: unknown): Promise<boolean> {
    const requirement =
      this.#entries.named(kind, name)?.requirement ?? this.#entries.target(kind, name)?.requirement;
    if (requirement === undefined) return false;
    if (requirement.role === 'anonymous') return true;
    const caller = this.#callers.find(context);
    if (caller === undefined) return false;
    const { state } = await this.#gate.outlookOf(requirement, caller.auth);
    return state !== 'closed';
  }
}

function hasHandler(server: LowLevelServer, method: string): boolean {
  try {
    server.assertCanSetRequestHandler(method);
    return false;
  } catch {
    return true;
  }
}
