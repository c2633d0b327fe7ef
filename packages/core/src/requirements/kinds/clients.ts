import { intersected } from './guid-list.js';
import { kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, refused } from './outcome.js';
import { guids, quoted, type Values } from './values.js';

export interface ClientsNode {
  readonly kind: 'clients';
  readonly values: readonly string[];
}

export const clients = kind<ClientsNode, 'narrowing', Values>({
  name: 'clients',
  role: 'narrowing',
  callers: 'both',
  claims: [],
  build: (...ids) => ({ kind: 'clients', values: guids('clients', 'client', ids) }),
  print: ({ values }) => quoted(values),
  parse: (printed) => printed.texts() as Values,
  read: (members) => members.texts('values') as Values,
  judge: ({ values }, { auth }) =>
    values.includes(auth.clientId)
      ? GRANTED_FREELY
      : refused(
          'client_not_allowed',
          'an accepted client application',
          `The client ${auth.clientId} is not on this requirement's list (${values.join(', ')}). Add it in clients(...) if it should be.`,
        ),
  scopes: NO_SCOPES,
  together: intersected,
});
