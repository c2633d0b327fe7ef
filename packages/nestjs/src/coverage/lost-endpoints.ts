import { ConfigurationError } from '@entra-guard/core';
import type { ModulesContainer } from '@nestjs/core';
import { MCP_OPTIONS } from '../entra-guard.tokens.js';
import type { Handler } from '../handlers/handler-inventory.js';
import { isMcpEndpoint } from '../handlers/mcp-offers.js';

/** Tells of controllers for MCP clients in an application whose calls nothing decides about. */
export function lostEndpoints(
  modules: ModulesContainer,
  handlers: readonly Handler[],
): readonly ConfigurationError[] {
  if ([...modules.values()].some(({ providers }) => providers.has(MCP_OPTIONS))) return [];
  const controllers = handlers.map(({ controller }) => controller).filter(isMcpEndpoint);
  return [...new Set(controllers)].map(
    ({ name }) =>
      new ConfigurationError(
        `${name} has @RequireMcp(), and the application does not import EntraMcpModule.`,
        "Import EntraMcpModule.forRoot({ strategy, resource }) of '@entra-guard/nestjs/mcp' in the root module.",
      ),
  );
}
