import { definePermissions } from '@entra-guard/core';

/** The catalogue of the orders API, with one of everything. */
export const orders = definePermissions({
  api: 'api://orders.contoso.example',
  owner: { team: 'Orders', contact: 'orders@contoso.example', onCall: 'orders-oncall@contoso.example' },
  scopes: {
    'Orders.Read': {
      title: 'Read your orders',
      description: 'Read the orders of the signed-in user.',
      consent: 'user',
      because: 'The web shop shows them.',
    },
    'Orders.Write': {
      description: 'Place and change orders of the signed-in user.',
      consent: 'admin',
      because: 'The web shop takes them.',
    },
  },
  appRoles: {
    'Orders.Read.All': {
      description: 'Read the orders of everybody.',
      for: ['application'],
      because: 'Invoices are written at night.',
    },
    'Orders.Admin': {
      description: 'Cancel the orders of anybody.',
      for: ['user'],
      because: 'The help desk helps customers.',
    },
    'Orders.Audit': {
      description: 'Read who changed what.',
      for: ['application', 'user'],
      because: 'Law asks for it.',
    },
  },
});

/** What `definePermissions` is told, loosely typed as JavaScript has it. */
export type Loose = Record<string, unknown>;

/** A definition with changes, for callers without types. */
export function define(changes: Loose): ReturnType<typeof definePermissions> {
  const definition: Loose = { api: 'api://orders', owner: { team: 'Orders' }, scopes: {}, ...changes };
  return definePermissions(definition as never);
}

/** A scope that nothing is wrong with. */
export const SCOPE = { description: 'Read.', consent: 'user', because: 'They ask.' };
/** An application permission that nothing is wrong with. */
export const ROLE = { description: 'Read.', for: ['application'], because: 'They ask.' };
