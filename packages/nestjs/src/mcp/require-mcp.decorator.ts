import { authenticated, ConfigurationError } from '@entra-guard/core';
import { declare } from '../decorators/declare.js';
import { markMcpEndpoint } from '../handlers/mcp-offers.js';

/**
 * Goes on the controller of MCP-Nest's transport. Each request is authenticated, and each call in it is decided by what its tool, prompt
 * or resource requires, before anything is dispatched. `EntraMcpModule` answers what is refused.
 *
 * ```ts
 * @Controller('mcp') @RequireMcp()
 * export class McpHttp extends McpHttpControllerFor(transport) {}
 * ```
 *
 * @throws ConfigurationError for an argument
 */
export function RequireMcp(): ClassDecorator;
export function RequireMcp(...given: readonly unknown[]): ClassDecorator {
  const by = '@RequireMcp()';
  if (given.length > 0) {
    throw new ConfigurationError(
      `${by} was given an argument.`,
      'Say on each tool, prompt and resource what it requires, as on any other handler.',
    );
  }
  const requirement = authenticated({ unassignedApps: true }).because(
    'MCP: each call has a requirement of its own',
  );
  const declaring = declare({ kind: 'require', by, requirement });
  return (controller) => {
    declaring(controller);
    markMcpEndpoint(controller);
  };
}
