import { type AuthContext, ConfigurationError, type SharedSettings } from '@entra-guard/core';
import { isGuid } from '../graph/guid.js';

/** What is used of an API of `@entra-guard/downstream` that leads to Microsoft Graph. */
export interface GroupGraph {
  /** Calls as the application itself, in a tenant. */
  asApp(options: { readonly tenantId: string }): {
    /** Sends a request below the base path, and reads the answer as JSON. Rejects for anything but success. */
    json(path: string, init: RequestInit): Promise<unknown>;
  };
}

/**
 * Makes the setting `groupsOf` of a guard: the groups of a caller whose token has too many to hold them (groups overage) are asked from
 * Microsoft Graph, also those through other groups.
 *
 * Needs the application permissions `GroupMember.Read.All` and `User.ReadBasic.All` of Microsoft Graph, and for callers that are
 * service principals `Application.Read.All`.
 *
 * ```ts
 * const guard = entraGuard({ tenantId, clientId, groupsOf: groupsFromGraph(() => downstream.apis.graph) });
 * ```
 *
 * @param api returns the API; called for each question, so that it may be made after the guard
 * @returns a function that rejects for an answer that is not a complete list of object IDs: the request is then answered 503
 *
 * Source: https://learn.microsoft.com/graph/api/directoryobject-getmemberobjects
 */
export function groupsFromGraph(api: () => GroupGraph): NonNullable<SharedSettings['groupsOf']> {
  if (typeof api !== 'function') {
    throw new ConfigurationError(
      `groupsFromGraph(...) was given ${typeof api} instead of a function.`,
      'Pass a function that returns the API: groupsFromGraph(() => downstream.apis.graph).',
    );
  }
  return async (auth) => {
    const path = `${placeOf(auth)}/getMemberObjects`;
    const answer = await api()
      .asApp({ tenantId: auth.tenantId })
      .json(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ securityEnabledOnly: false }),
      });
    return idsIn(answer);
  };
}

function placeOf({ kind, objectId }: AuthContext): string {
  if (!isGuid(objectId))
    throw new Error('The caller has no object ID, so Microsoft Graph can not be asked for its groups.');
  return `/${kind === 'app' ? 'servicePrincipals' : 'users'}/${objectId}`;
}

function idsIn(answer: unknown): readonly string[] {
  const { value, '@odata.nextLink': next } = Object(answer) as Readonly<Record<string, unknown>>;
  // Half of the groups would refuse or grant by chance.
  if (Array.isArray(value) && next === undefined && value.every((id) => typeof id === 'string')) return value;
  throw new Error('Microsoft Graph did not answer getMemberObjects with a complete list of object IDs.');
}
