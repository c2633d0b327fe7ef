import { ConfigurationError } from '@entra-guard/core';
import type { McpServerLike } from '@entra-guard/mcp';

/** What is known of MCP-Nest's `McpStrategy`. */
export interface McpStrategyLike {
  /** By which Nest hands it the handlers of its server. */
  readonly transportId?: unknown;
  readonly options: object;
}

/** What a strategy offers: a tool, prompt, resource or template, decorated or registered while the application runs. */
export interface Capability {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly invoke: (payload: unknown, context: McpContextLike) => Promise<unknown>;
}

/** What is known of MCP-Nest's `McpContext`, a context of Nest. */
export interface McpContextLike {
  getArgs(): unknown[];
}

/** What decides about a strategy. */
export interface StrategyGate {
  /** Whether something has a requirement: what has none does not exist. */
  has(kind: Kind, name: string): boolean;
  /** Looks at a call before its handler runs. @throws an error for clients, for one that was not let in */
  admit(kind: Kind, name: string, context: McpContextLike): void;
  /** Filters the lists of a server. */
  watch(server: McpServerLike): void;
}

type Kind = 'tool' | 'prompt' | 'resource';
type Method = (...parts: never[]) => unknown;

/** Where a strategy says what it offers, and the member that names it. */
const OFFERS = {
  getTools: { kind: 'tool', by: 'name' },
  getPrompts: { kind: 'prompt', by: 'name' },
  getResources: { kind: 'resource', by: 'uri' },
  getTemplates: { kind: 'resource', by: 'uriTemplate' },
} as const;
const METHODS = ['createServer', ...(Object.keys(OFFERS) as (keyof typeof OFFERS)[])] as const;

/** The methods of a strategy as its class has them: another application of the process may have used it before. */
const originals = new WeakMap<object, ReadonlyMap<string, Method>>();

/**
 * Puts a gate in front of all that a strategy offers, also on transports that are not behind a controller. MCP-Nest finds its handlers
 * by other rules than the gate does, so that what was let in and what runs are compared.
 *
 * @returns what the strategy offers by now, whether it has a requirement or not
 * @throws ConfigurationError for what is not a strategy of MCP-Nest 2
 */
export function hookStrategy(strategy: unknown, gate: StrategyGate): () => readonly Offered[] {
  assertStrategy(strategy);
  const methods = originals.get(strategy) ?? methodsOf(strategy);
  originals.set(strategy, methods);
  const original = (name: string) => (methods.get(name) as Method).call(strategy);
  const offered = (name: keyof typeof OFFERS): readonly Offered[] =>
    (original(name) as readonly Capability[]).map((capability) => {
      const { kind, by } = OFFERS[name];
      return { kind, name: String(capability.metadata[by]), capability };
    });
  for (const name of Object.keys(OFFERS) as (keyof typeof OFFERS)[]) {
    replace(strategy, name, () =>
      offered(name)
        .filter((one) => gate.has(one.kind, one.name))
        .map((one) => guarded(one, gate)),
    );
  }
  replace(strategy, 'createServer', () => {
    const server = original('createServer') as McpServerLike;
    gate.watch(server);
    return server;
  });
  return () => (Object.keys(OFFERS) as (keyof typeof OFFERS)[]).flatMap(offered);
}

/** Something that a strategy offers, by the name that its requirement has. */
export interface Offered {
  readonly kind: Kind;
  readonly name: string;
  readonly capability: Capability;
}

function guarded({ kind, name, capability }: Offered, gate: StrategyGate): Capability {
  const { metadata, invoke } = capability;
  return {
    metadata,
    invoke: async (payload, context) => {
      gate.admit(kind, name, context);
      return invoke(payload, context);
    },
  };
}

function replace(strategy: object, name: string, value: () => unknown): void {
  Object.defineProperty(strategy, name, { value, configurable: true, writable: true });
}

function methodsOf(strategy: object): ReadonlyMap<string, Method> {
  return new Map(METHODS.map((name) => [name, (strategy as Record<string, Method>)[name] as Method]));
}

function assertStrategy(strategy: unknown): asserts strategy is McpStrategyLike {
  const { options } = Object(strategy) as { readonly options?: unknown };
  const missing = METHODS.find(
    (name) => typeof (Object(strategy) as Record<string, unknown>)[name] !== 'function',
  );
  if (typeof options === 'object' && options !== null && missing === undefined) return;
  throw new ConfigurationError(
    strategy === undefined
      ? 'EntraMcpModule was given no strategy.'
      : 'The option strategy of EntraMcpModule is not an McpStrategy of @rekog/mcp-nest 2.',
    'Pass the McpStrategy that the application connects: const strategy = new McpStrategy({ … }).',
  );
}
