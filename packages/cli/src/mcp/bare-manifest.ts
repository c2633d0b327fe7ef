import { type ApplicationManifest, manifestOf } from '@entra-guard/catalogue';
import { definePermissions } from '@entra-guard/core';

/**
 * The manifest of an MCP server that has no catalogue: these scopes, to which users consent.
 *
 * @throws ConfigurationError for a name that Entra would refuse
 */
export function bareManifest(url: string, scopes: readonly string[]): ApplicationManifest {
  const { catalogue } = definePermissions({
    api: url,
    owner: { team: 'MCP' },
    scopes: Object.fromEntries(
      scopes.map((value) => [
        value,
        {
          description: `${value} of the MCP server at ${url}.`,
          consent: 'user' as const,
          because: 'Clients of MCP ask for it.',
        },
      ]),
    ),
  });
  return manifestOf(catalogue);
}
