export { DIALECTS, type DialectName } from './dialects/dialect.js';
export { createProxy, type ListeningProxy, type Proxy } from './embedded/create-proxy.js';
export type { ProxyOptions, ProxyUpstreamOptions } from './embedded/proxy-options.js';
export { POLICY_VERSION } from './policy/index.js';
export { type ConfigurationFile, serverConfiguration } from './servers/configuration.js';
export { SERVERS, type ServerConfigurationOptions, type ServerName } from './servers/site.js';
export {
  createDecisionService,
  type DecisionService,
  type ListeningService,
} from './service/decision-service.js';
export type { DecisionServiceOptions, ServiceAssertionOptions } from './service/options.js';
export type { Trust } from './service/trust.js';
export { type MemorySessionsOptions, memorySessions } from './sign-in/memory-sessions.js';
export type { SessionStore } from './sign-in/session-store.js';
