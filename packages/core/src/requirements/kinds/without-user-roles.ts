import { kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, notAUser, refused } from './outcome.js';
import { assertPermissions } from './permission-value.js';
import { quoted, sorted, type Values } from './values.js';

export interface WithoutUserRolesNode {
  readonly kind: 'withoutUserRoles';
  readonly values: readonly string[];
}

export const withoutUserRoles = kind<WithoutUserRolesNode, 'narrowing', Values>({
  name: 'withoutUserRoles',
  role: 'narrowing',
  // A delegated token carries all app roles of its user, so that a role it does not carry is surely absent. The roles of an
  // app-only token are application permissions, and say nothing of a user.
  callers: 'user',
  claims: [],
  build: (...roles) => {
    assertPermissions('withoutUserRoles', 'roles', roles);
    return { kind: 'withoutUserRoles', values: sorted(roles) };
  },
  print: ({ values }) => quoted(values),
  parse: (printed) => printed.texts() as Values,
  read: (members) => members.texts('values') as Values,
  judge: ({ values }, { auth }) => {
    if (auth.kind !== 'user') return notAUser('role_not_allowed', 'withoutUserRoles(...)');
    const held = values.filter((role) => auth.roles.has(role));
    if (held.length === 0) return GRANTED_FREELY;
    return refused(
      'role_not_allowed',
      `a user without the role ${held.join(', ')}`,
      `The user has an app role that this must not be combined with (${held.join(', ')}). Another user has to do it, or the assignment is wrong.`,
    );
  },
  scopes: NO_SCOPES,
  together: (nodes) => [
    Object.freeze({
      kind: 'withoutUserRoles',
      values: sorted(nodes.flatMap(({ values }) => values)),
    }),
  ],
});
