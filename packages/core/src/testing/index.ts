// Beside the front door, so that no service loads it. The core has it because `AuthContext`s are made here and nowhere else;
// the adapters' own entry points for tests are built on it, and so need no package but the core.
export { type StandInCaller, standInCaller } from './stand-in-caller.js';
export { type StandInSettings, standInGuard } from './stand-in-guard.js';
export { testAuth } from './test-auth.js';
export type { TestApp, TestCaller, TestUser } from './test-caller.js';
