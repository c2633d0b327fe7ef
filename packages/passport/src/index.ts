export {
  ConfigurationError,
  EntraGuardError,
  type EntraGuardEvent,
  type LogEntry,
  type LogSink,
  observe,
  onEvent,
} from '@entra-guard/core';
export { BearerStrategy, type BearerStrategyConstructor } from './bearer-strategy.js';
export type { DisagreementEvent } from './compare/disagreement.js';
export type { OtherStrategy, OtherValidator } from './compare/other-strategy.js';
export type {
  FurtherOptions,
  IBaseStrategyOption,
  IBearerStrategyOption,
  IBearerStrategyOptionWithRequest,
  MigrationOptions,
} from './options.js';
export { StrategyError } from './strategy-error.js';
export type { ITokenPayload } from './token-payload.js';
export type { VerifyBearerFunction, VerifyBearerFunctionWithReq, VerifyCallback } from './verify.js';
