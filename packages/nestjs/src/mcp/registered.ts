import type { Anonymous, Grant } from '@entra-guard/core';
import type { EntraMcp, McpServerLike } from '@entra-guard/mcp';
import { type McpEntries, PLACES } from './entries.js';

type Kind = keyof typeof PLACES;

/** A tool, prompt or resource that has a requirement. */
export interface Registered {
  readonly requirement: Grant | Anonymous;
  /** Looks whether a call was let in to it. @throws ConfigurationError for one that was not */
  readonly assertLetIn: (sdkContext: unknown) => void;
}

/**
 * Registers all that a server offers with `entraMcp(...)`, which compares each call with what it has decided. MCP-Nest registers the
 * handlers themselves.
 *
 * @returns what is registered, by kind and name
 */
export function registerAll(mcp: EntraMcp, entries: McpEntries): ReadonlyMap<string, Registered> {
  const registrar = mcp.registrar(RETURNING);
  const register = {
    tool: (name: string): unknown => registrar.tool(name, {}, NOTHING as never),
    prompt: (name: string): unknown => registrar.prompt(name, {}, NOTHING as never),
    resource: (name: string): unknown => registrar.resource(name, name, {}, NOTHING as never),
  };
  return new Map(
    (Object.keys(PLACES) as Kind[]).flatMap((kind) =>
      Object.entries(entries[PLACES[kind]]).map(([name, requirement]): [string, Registered] => [
        keyOf(kind, name),
        { requirement, assertLetIn: register[kind](name) as Registered['assertLetIn'] },
      ]),
    ),
  );
}

export function keyOf(kind: Kind, name: string): string {
  return `${kind} ${name}`;
}

const NOTHING = (): void => {};

/** Stands for a server: gives back the handler that it is given, behind what is asked before it runs. */
const RETURNING: McpServerLike = {
  registerTool: (...parts: unknown[]) => parts.at(-1),
  registerPrompt: (...parts: unknown[]) => parts.at(-1),
  registerResource: (...parts: unknown[]) => parts.at(-1),
  server: { setRequestHandler: NOTHING, assertCanSetRequestHandler: NOTHING },
};
