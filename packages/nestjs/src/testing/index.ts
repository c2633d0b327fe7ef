// An entry point for tests, so that no service loads it. It needs only the core, which makes the callers.
export {
  type StandInCaller,
  type StandInSettings,
  type TestApp,
  type TestCaller,
  type TestUser,
  testAuth,
} from '@entra-guard/core/testing';
export { CORE_GUARD as ENTRA_GUARD_CORE } from '../entra-guard.tokens.js';
export { provideTestAuth, type TestAuthOptions } from './provide-test-auth.js';
export { standInGuard } from './stand-in-guard.js';
