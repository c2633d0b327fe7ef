// An entry point for tests, so that no service loads it. It needs only the core, which makes the callers.
export {
  type StandInCaller,
  type TestApp,
  type TestCaller,
  type TestUser,
  testAuth,
} from '@entra-guard/core/testing';
export { actAs } from './act-as.js';
export { type StandInSettings, standInGuard } from './stand-in-guard.js';
