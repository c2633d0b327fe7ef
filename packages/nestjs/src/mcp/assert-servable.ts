import { ConfigurationError } from '@entra-guard/core';
import type { Handler } from '../handlers/handler-inventory.js';
import { isMcpEndpoint } from '../handlers/mcp-offers.js';
import { type McpEntries, PLACES } from './entries.js';
import type { McpStrategyLike, Offered } from './strategy.js';

/** What an MCP server of an application consists of. */
export interface Servable {
  readonly handlers: readonly Handler[];
  readonly entries: McpEntries;
  readonly strategy: McpStrategyLike;
  readonly offered: readonly Offered[];
}

const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];

/** @throws ConfigurationError for a server that would let in callers whom the gate has not seen, or would mislead clients */
export function assertServable({ handlers, entries, strategy, offered }: Servable): void {
  if (!handlers.some(({ type, controller }) => type === 'http' && isMcpEndpoint(controller))) {
    throw new ConfigurationError(
      'No controller has @RequireMcp(), so that requests of MCP clients reach the strategy without the gate, or not at all.',
      "Write: @Controller('mcp') @RequireMcp() class McpHttp extends McpHttpControllerFor(transport) {}, and name it in controllers.",
    );
  }
  const unknown = offered.find(({ kind, name }) => !Object.hasOwn(entries[PLACES[kind]], name));
  if (unknown !== undefined) {
    const place = PLACES[unknown.kind];
    throw new ConfigurationError(
      `The ${unknown.kind} '${unknown.name}' was registered on the strategy and has no requirement, so that it does not exist.`,
      `Name it in ${place} of EntraMcpModule: ${place}: { '${unknown.name}': scopes('…') }.`,
    );
  }
  const { allowUnauthenticatedAccess, cacheHints } = strategy.options as {
    readonly allowUnauthenticatedAccess?: unknown;
    readonly cacheHints?: unknown;
  };
  if (allowUnauthenticatedAccess === true) {
    throw new ConfigurationError(
      'The strategy has allowUnauthenticatedAccess, which hides all tools that MCP-Nest does not know to be public.',
      'Leave it out, and open tools with @Public().',
    );
  }
  const shared = LISTS.find((list) => {
    const hint = (Object(cacheHints) as Readonly<Record<string, unknown>>)[list];
    return (Object(hint) as { readonly cacheScope?: unknown }).cacheScope === 'public';
  });
  if (shared !== undefined) {
    throw new ConfigurationError(
      `cacheHints of the strategy has '${shared}' with cacheScope 'public', and lists differ from caller to caller: one would be shown that of another.`,
      "Use cacheScope: 'private', or leave it out.",
    );
  }
}
