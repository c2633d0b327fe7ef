import { applicationIn } from './applications.js';
import { type GraphCall, ok } from './graph-call.js';
import { collection } from './query.js';
import { userResource, userShape } from './user-resource.js';

/**
 * Lists the users who own a registration. Removed ones are left out: they own nothing.
 *
 * Source: https://learn.microsoft.com/graph/api/application-list-owners
 */
export function getOwners(call: GraphCall): Response {
  const { entra, state } = call;
  const { owners = [] } = applicationIn(call).registration;
  const users = owners
    .map((name) => entra.people.named(name, entra.tenants.home))
    .filter(({ oid }) => !entra.accounts.of(oid).removed)
    .map((person) => ({
      '@odata.type': '#microsoft.graph.user',
      ...userResource(entra, state, person),
    }));
  const usual = ['@odata.type', ...(userShape.usual ?? [])];
  return ok(collection(users, { ...call, shape: { ...userShape, name: 'directoryObjects', usual } }));
}
