import type { Anonymous, Grant } from '@entra-guard/core';
import type { McpServerLike } from '@entra-guard/mcp';

type ListHandler = (request: unknown, context: unknown) => unknown;
type SetHandler = (method: unknown, ...parts: unknown[]) => unknown;

/**
 * Corrects `_meta.securitySchemes` in the lists of tools, by which ChatGPT tells whether a tool needs a sign-in. MCP-Nest knows its own
 * decorators only, and says `noauth` of all other tools.
 *
 * @param resource with which full scope names begin
 */
export function correctSecuritySchemes(
  { server }: McpServerLike,
  requirementOf: (tool: string) => Grant | Anonymous | undefined,
  resource: string,
): void {
  const low = server as unknown as { setRequestHandler: SetHandler };
  const set = low.setRequestHandler.bind(server);
  const setRequestHandler: SetHandler = (method, ...parts) => {
    const handler = parts.at(-1) as ListHandler;
    if (method !== 'tools/list' || typeof handler !== 'function') return set(method, ...parts);
    const corrected: ListHandler = async (request, context) => {
      const result: unknown = await handler(request, context);
      const { tools } = Object(result) as { readonly tools?: unknown };
      if (!Array.isArray(tools)) return result;
      return { ...(result as object), tools: (tools as readonly Tool[]).map(described) };
    };
    return set(method, ...parts.slice(0, -1), corrected);
  };
  const described = (tool: Tool): Tool => {
    const requirement = requirementOf(tool.name);
    if (requirement === undefined) return tool;
    return { ...tool, _meta: { ...tool._meta, securitySchemes: [schemeOf(requirement, resource)] } };
  };
  Object.defineProperty(server, 'setRequestHandler', { value: setRequestHandler, configurable: true });
}

interface Tool {
  readonly name: string;
  readonly _meta?: object;
}

function schemeOf(requirement: Grant | Anonymous, resource: string): object {
  if (requirement.role === 'anonymous') return { type: 'noauth' };
  const scopes = requirement.permissions
    .filter(({ use }) => use === 'scope')
    .map(({ value }) => `${resource}/${value}`);
  return { type: 'oauth2', ...(scopes.length === 0 ? {} : { scopes: [...new Set(scopes)] }) };
}
