export { EntraMcpModule } from './mcp/entra-mcp.module.js';
export type {
  EntraMcpAsyncOptions,
  EntraMcpModuleOptions,
  EntraMcpOptionsFactory,
} from './mcp/entra-mcp.options.js';
export { RequireMcp } from './mcp/require-mcp.decorator.js';
export type { McpStrategyLike } from './mcp/strategy.js';
