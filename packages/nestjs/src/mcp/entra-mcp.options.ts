import { ConfigurationError, ownOptions } from '@entra-guard/core';
import { assertKnown } from '@entra-guard/core/mcp';
import type { McpSettings, Requirements } from '@entra-guard/mcp';
import { type AsyncOptions, type AsyncSource, givenOptions } from '../async-options.js';
import { MCP_OPTIONS } from '../entra-guard.tokens.js';
import type { McpStrategyLike } from './strategy.js';

/** Options of `EntraMcpModule`. What is not said here is as in `entraMcp(...)` of `@entra-guard/mcp`. */
export interface EntraMcpModuleOptions
  extends Pick<
    McpSettings,
    | 'resource'
    | 'resourceName'
    | 'initialScopes'
    | 'stepUp'
    | 'denied'
    | 'allowedOrigins'
    | 'exposeToken'
    | 'maxBodyBytes'
    | 'authorizationServer'
  > {
  /** The `McpStrategy` that the application connects: `app.connectMicroservice({ strategy })`. */
  readonly strategy: McpStrategyLike;
  /** What tools require that are registered while the application runs, by `strategy.registerTool(...)`. Default: there are none. */
  readonly tools?: Requirements<string>;
  /** What prompts require that are registered while the application runs, by `strategy.registerPrompt(...)`. Default: there are none. */
  readonly prompts?: Requirements<string>;
  /** What resources require that are registered while the application runs, by their URIs. Default: there are none. */
  readonly resources?: Requirements<string>;
}

/** Makes the options; for `useClass` and `useExisting`. */
export interface EntraMcpOptionsFactory {
  createEntraMcpOptions(): EntraMcpModuleOptions | Promise<EntraMcpModuleOptions>;
}

/** Options of `EntraMcpModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface EntraMcpAsyncOptions extends AsyncOptions<EntraMcpModuleOptions, EntraMcpOptionsFactory> {}

/** Where `forRootAsync` takes its options from. */
export const MCP_SOURCE: AsyncSource<EntraMcpModuleOptions, EntraMcpOptionsFactory> = {
  module: 'EntraMcpModule',
  token: MCP_OPTIONS,
  create: (factory) => factory.createEntraMcpOptions(),
  example: '{ strategy, resource }',
};

const NAMES = [
  'strategy',
  'resource',
  'resourceName',
  'initialScopes',
  'tools',
  'prompts',
  'resources',
  'stepUp',
  'denied',
  'allowedOrigins',
  'exposeToken',
  'maxBodyBytes',
  'authorizationServer',
] as const satisfies readonly (keyof EntraMcpModuleOptions)[];

/** @throws ConfigurationError for what is not an object with options, and for unknown names */
export function givenMcpOptions(options: unknown): EntraMcpModuleOptions {
  const given = givenOptions<EntraMcpModuleOptions>(
    'EntraMcpModule',
    options,
    "Import EntraMcpModule.forRoot({ strategy, resource: 'https://mcp.contoso.com/mcp' }). A factory returns an object, too.",
  );
  const own = ownOptions('EntraMcpModule', given, NAMES);
  if (Object.hasOwn(own, 'guard')) {
    throw new ConfigurationError(
      "EntraMcpModule has no option called 'guard'.",
      'Leave it out: the module finds the guard of EntraGuardModule.',
    );
  }
  assertKnown('option of EntraMcpModule called', own, NAMES);
  return own;
}
