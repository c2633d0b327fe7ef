export type { AuthInfo } from './decide/auth-info.js';
export { type EntraMcp, entraMcp } from './entra-mcp.js';
export type { Middleware, NodeHandler, NodeRequest } from './host/node.js';
export type { WebHandler } from './host/web.js';
export type { EntraMcpOptions, McpSettings, Requirements, StepUpWay } from './options/options.js';
export type { LowLevelServer } from './server/lists.js';
export type { PromptConfig, Registrar, ResourceTemplateLike, ToolConfig } from './server/registrar.js';
export type { HandlerOf, InputLike, InputOf, McpServerLike, SchemaLike } from './server/types.js';
