// A separate entry point, so that no service loads it. It is part of the core, because only the core makes
// `AuthContext`s. The adapters' entry points for tests build on it, and so depend only on the core.
export { type GraphCallers, graphCallers } from './graph-callers.js';
export { type StandInCaller, standInCaller } from './stand-in-caller.js';
export { type StandInSettings, standInGuard } from './stand-in-guard.js';
export { testAuth } from './test-auth.js';
export type { TestApp, TestCaller, TestUser } from './test-caller.js';
