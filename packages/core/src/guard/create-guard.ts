import { readsAssertions } from '../assertion/assertion-validator.js';
import { readBearerCredential } from '../credential/bearer.js';
import { byAssertion } from './by-assertion.js';
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
  const identification = readsAssertions(validator)
    ? byAssertion(validator)
    : byToken(validator, readBearerCredential);
  return new RequestGuard(validator, settings, identification);
}
