import { type Anonymous, ConfigurationError, type Grant, ownOptions } from '@entra-guard/core';
import { prefixed } from '../handlers/declarations.js';
import type { Handler } from '../handlers/handler-inventory.js';
import type { HandlerRequirements } from '../handlers/handler-requirements.js';
import { kindOf } from '../handlers/kind-of.js';
import { isMcpEndpoint, type McpOffer, mcpOfferOf } from '../handlers/mcp-offers.js';
import type { EntraMcpModuleOptions } from './entra-mcp.options.js';

/** What a server offers, and what it requires: by the places of `entraMcp(...)`. */
export interface McpEntries {
  readonly tools: Readonly<Record<string, Grant | Anonymous>>;
  readonly prompts: Readonly<Record<string, Grant | Anonymous>>;
  readonly resources: Readonly<Record<string, Grant | Anonymous>>;
}

export const PLACES = { tool: 'tools', prompt: 'prompts', resource: 'resources' } as const;

/**
 * Reads what the decorated handlers of a server require, and adds what the options name.
 *
 * @param transport of the server's strategy
 * @throws ConfigurationError for a handler without a requirement, for one with decorators of MCP-Nest that decide otherwise, and for two
 *   of one name
 */
export function readMcpEntries(
  handlers: readonly Handler[],
  requirements: HandlerRequirements,
  transport: unknown,
  options: EntraMcpModuleOptions,
): McpEntries {
  const found = {
    tools: mapOf('tools', options.tools),
    prompts: mapOf('prompts', options.prompts),
    resources: mapOf('resources', options.resources),
  };
  for (const handler of handlers) {
    const offer = handler.type === 'rpc' ? mcpOfferOf(handler.callbacks[0]) : undefined;
    if (offer?.transport !== transport || offer === undefined) continue;
    const place = found[PLACES[offer.kind]];
    if (place.has(offer.name)) throw takenTwice(handler, offer);
    place.set(offer.name, requirementOf(handler, offer, requirements));
  }
  return {
    tools: Object.fromEntries(found.tools),
    prompts: Object.fromEntries(found.prompts),
    resources: Object.fromEntries(found.resources),
  };
}

function requirementOf(
  { name, controller, method, callbacks }: Handler,
  { kind, otherRules }: McpOffer,
  requirements: HandlerRequirements,
): Grant | Anonymous {
  if (isMcpEndpoint(controller)) {
    throw new ConfigurationError(
      `${name} stands in a class with @RequireMcp(), with which every caller could use the ${kind}.`,
      'Put @RequireMcp() on the controller of the transport alone, and say here what callers need.',
    );
  }
  const [rule] = otherRules;
  if (rule !== undefined) {
    throw new ConfigurationError(
      `${name} has ${rule} of MCP-Nest, which asks for a user that this guard does not make.`,
      'Write @RequireScopes(…), @RequireUserRoles(…) or @Public() instead.',
    );
  }
  // Learnt first, so that what is found is what calls are judged by: the very same requirement.
  const access = placed(name, () => {
    requirements.learn(controller, method, callbacks);
    return requirements.of(controller, callbacks[0] as Function);
  });
  if (access === undefined) {
    throw new ConfigurationError(
      `${name} has no requirement, so that the ${kind} does not exist.`,
      "Say what its callers need: @RequireScopes('…') or @Require(…). @Public() opens it to every caller.",
    );
  }
  if (access.mode === 'require') return access.requirement;
  throw new ConfigurationError(
    `${name} has @OptionalAuth(), and callers of MCP are told at the door whether they need a token.`,
    '@Public() opens it to every caller.',
  );
}

function placed<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw prefixed(name, error);
  }
}

function takenTwice({ name }: Handler, { kind, name: taken }: McpOffer): ConfigurationError {
  return new ConfigurationError(
    `${name} is a second ${kind} of the name '${taken}'.`,
    `Give each ${kind} a name of its own, and name in the options what is registered while the application runs only.`,
  );
}

function mapOf(place: string, given: unknown = {}): Map<string, Grant | Anonymous> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return new Map(Object.entries(ownOptions(place, given as Readonly<Record<string, Grant>>)));
  }
  throw new ConfigurationError(
    `${place} of EntraMcpModule is ${kindOf(given)}.`,
    `Name each with its requirement: ${place}: { 'orders.list': scopes('Orders.Read') }.`,
  );
}
