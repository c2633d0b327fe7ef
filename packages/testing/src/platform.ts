import { LocalEntraError } from './error.js';

/** Globals of Node 18 and later that the local Entra answers with, or that its callers use. */
const needed = ['fetch', 'Headers', 'Request', 'Response', 'AbortController', 'structuredClone'] as const;

/**
 * Test runners decide which globals there are. Without these, the first token would be answered as if keys could not be read.
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
