export type { BoundApi, DownstreamApi } from '@entra-guard/downstream';
export { Downstream, type DownstreamParameterOptions } from './downstream/downstream.decorator.js';
export { EntraDownstreamModule } from './downstream/entra-downstream.module.js';
export type {
  EntraDownstreamAsyncOptions,
  EntraDownstreamModuleOptions,
  EntraDownstreamOptionsFactory,
} from './downstream/entra-downstream.options.js';
export { downstreamToken, InjectDownstream } from './downstream/inject-downstream.js';
