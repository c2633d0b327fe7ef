import type { ExposedHandler } from '@entra-guard/core';
import type { Policy } from './policy.js';

/**
 * Lists the rules of a policy, as an adapter lists an application's handlers: for the inventory, the manifest and the comparison with an
 * app registration. Each has the name of its application as `handler`; a rule for several methods is listed once for each.
 *
 * ```ts
 * takeInventory(rulesIn(policy));
 * ```
 */
export function rulesIn(policy: Policy): readonly ExposedHandler[] {
  return policy.apps.flatMap(({ name, rules }) =>
    rules.flatMap(({ path, named, requirement }) =>
      named.map((method) => ({
        method: method === 'any' ? 'ALL' : method,
        path,
        handler: name,
        access: { kind: 'requirement' as const, requirement },
      })),
    ),
  );
}
