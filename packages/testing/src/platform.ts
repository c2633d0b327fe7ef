import { LocalEntraError } from './error.js';

/** Globals of Node that the local Entra and its callers use. */
const needed = ['fetch', 'Headers', 'Request', 'Response', 'AbortController', 'structuredClone'] as const;

/**
 * Checks that the test runner provides Node's globals. Without them, the first validation would fail as if the signing
 * keys were unavailable.
 *
 * @throws {LocalEntraError} `platform_incomplete`
 */
export function assertPlatform(): void {
  const missing = needed.filter((name) => typeof globalThis[name] !== 'function');
  if (missing.length === 0) return;
  throw new LocalEntraError(
    'platform_incomplete',
    `This environment has no global ${missing.join(', ')}, which Node has. Jest has them from version 28 on, with testEnvironment 'node'. jsdom hides them: put "@jest-environment node" into a comment at the top of the test file.`,
  );
}
