import { readBearerCredential } from '../credential/bearer.js';
import { RequestGuard } from './guard.js';
import type { Guard } from './guard-contract.js';
import { type GuardOptions, readGuardOptions } from './guard-options.js';
import { byToken } from './identification.js';

/**
 * Builds a guard for any host: Hono, Fastify, Azure Functions, Next.js.
 *
 * @throws ConfigurationError for invalid options
 */
export function createGuard(options: GuardOptions): Guard {
  const { validator, settings } = readGuardOptions(options);
  return new RequestGuard(validator, settings, byToken(validator, readBearerCredential));
}
