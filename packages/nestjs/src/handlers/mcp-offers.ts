import 'reflect-metadata';
import type { ModulesContainer } from '@nestjs/core';
import { MCP_OPTIONS } from '../entra-guard.tokens.js';
import { lineage } from './declarations.js';

/** What MCP-Nest's `@Tool`, `@Prompt`, `@Resource` or `@ResourceTemplate` makes of a method. */
export interface McpOffer {
  readonly kind: 'tool' | 'prompt' | 'resource';
  /** Of a resource: its URI or template. */
  readonly name: string;
  /** Which server of MCP-Nest offers it: the `transportId` of its strategy. */
  readonly transport: unknown;
  /** MCP-Nest's own decorators of authorization that stand on the method, as they are written. */
  readonly otherRules: readonly string[];
}

/** Metadata keys of Nest and of MCP-Nest 2, which an application may not have. */
const EXTRAS = 'microservices:pattern_extras';
const TRANSPORT = 'microservices:transport';
const OTHER_RULES = {
  'mcp:scopes': '@ToolScopes',
  'mcp:roles': '@ToolRoles',
  'mcp:public-tool': '@PublicTool',
} as const;

const KINDS: ReadonlyMap<unknown, McpOffer['kind']> = new Map([
  ['tool', 'tool'],
  ['prompt', 'prompt'],
  ['resource', 'resource'],
  ['resource-template', 'resource'],
]);

/** Returns what a function offers to MCP clients; `undefined` for any other function. */
export function mcpOfferOf(callback: Function | undefined): McpOffer | undefined {
  if (callback === undefined) return undefined;
  const extras: unknown = Reflect.getMetadata(EXTRAS, callback);
  const { mcpType, mcpName } = Object(extras) as { readonly mcpType?: unknown; readonly mcpName?: unknown };
  const kind = KINDS.get(mcpType);
  if (kind === undefined || typeof mcpName !== 'string') return undefined;
  const otherRules = Object.entries(OTHER_RULES).flatMap(([key, by]) =>
    Reflect.hasMetadata(key, callback) ? [by] : [],
  );
  return { kind, name: mcpName, transport: Reflect.getMetadata(TRANSPORT, callback), otherRules };
}

/** Tells whether `EntraMcpModule` guards the server that offers something. A preview does not show which server that is. */
export function guardedByMcp(modules: ModulesContainer): (offer: McpOffer) => boolean {
  const options = [...modules.values()].flatMap(({ providers }) => providers.get(MCP_OPTIONS) ?? []);
  const transports = options.map(({ instance }) => {
    const { strategy } = Object(instance) as { readonly strategy?: unknown };
    return (Object(strategy) as { readonly transportId?: unknown }).transportId;
  });
  return ({ transport }) => transports.some((one) => one === undefined || one === transport);
}

const ENDPOINT = 'entra-guard:mcp-endpoint';

/** Notes that a controller takes the requests of MCP clients. */
export function markMcpEndpoint(controller: Function): void {
  Reflect.defineMetadata(ENDPOINT, true, controller);
}

/** Whether a controller, or a class that it extends, takes the requests of MCP clients. */
export function isMcpEndpoint(controller: Function): boolean {
  return lineage(controller).some((one) => Reflect.hasOwnMetadata(ENDPOINT, one));
}
