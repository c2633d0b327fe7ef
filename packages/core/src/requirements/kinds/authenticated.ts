import { apart, kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY } from './outcome.js';
import { knownOptions } from './values.js';

export interface AuthenticatedNode {
  readonly kind: 'authenticated';
  readonly unassignedApps: boolean;
}

export interface AuthenticatedOptions {
  readonly unassignedApps?: boolean;
}

export const authenticated = kind<AuthenticatedNode, 'grant', [AuthenticatedOptions]>({
  name: 'authenticated',
  role: 'grant',
  callers: 'both',
  claims: [],
  build: (options) => {
    const { unassignedApps } = knownOptions('authenticated', options, ['unassignedApps']);
    return { kind: 'authenticated', unassignedApps: unassignedApps === true };
  },
  print: ({ unassignedApps }) => (unassignedApps ? '{ unassignedApps: true }' : ''),
  parse: (printed) => [printed.options()],
  read: (members) => [{ unassignedApps: members.flag('unassignedApps') === true }],
  judge: ({ unassignedApps }, { auth }) => {
    const hasPermission = auth.scopes.size > 0 || auth.roles.size > 0;
    if (hasPermission || (unassignedApps && auth.kind === 'app')) return GRANTED_FREELY;
    return denied({}, DISTANCE.fixed, {
      code: 'token_without_permissions',
      missing: Object.freeze(['any scope or role']),
      hint: 'Every app of the tenant can get such a token. Assign an app role of this API to the app, or allow it on purpose with authenticated({ unassignedApps: true }).',
    });
  },
  scopes: NO_SCOPES,
  together: apart,
});
