import { intersected } from './guid-list.js';
import { kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, refused } from './outcome.js';
import { guids, quoted, type Values } from './values.js';

export interface InTenantsNode {
  readonly kind: 'inTenants';
  readonly values: readonly string[];
}

export const inTenants = kind<InTenantsNode, 'narrowing', Values>({
  name: 'inTenants',
  role: 'narrowing',
  callers: 'both',
  claims: [],
  build: (...ids) => ({ kind: 'inTenants', values: guids('inTenants', 'tenant', ids) }),
  print: ({ values }) => quoted(values),
  parse: (printed) => printed.texts() as Values,
  read: (members) => members.texts('values') as Values,
  judge: ({ values }, { auth }) =>
    values.includes(auth.tenantId)
      ? GRANTED_FREELY
      : refused(
          'tenant_not_accepted',
          'an accepted tenant',
          `The caller's tenant ${auth.tenantId} is not on this requirement's list. Add it in inTenants(...) if it should be.`,
        ),
  scopes: NO_SCOPES,
  together: intersected,
});
