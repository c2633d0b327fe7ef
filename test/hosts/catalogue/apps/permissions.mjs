import { definePermissions } from '@entra-guard/express';

export const permissions = definePermissions({
  api: 'api://11111111-1111-4111-8111-111111111111',
  owner: { team: 'Orders', contact: 'orders@contoso.example', onCall: 'orders-oncall@contoso.example' },
  scopes: {
    'Orders.Read': {
      id: 'aaaaaaaa-0000-4000-8000-000000000001',
      title: 'Read your orders',
      description: 'Read the orders of the signed-in user.',
      consent: 'user',
      because: 'The web shop shows them.',
    },
    'Orders.Write': {
      id: 'aaaaaaaa-0000-4000-8000-000000000002',
      description: 'Place and change orders.',
      consent: 'admin',
      because: 'The web shop takes them.',
    },
  },
  appRoles: {
    'Orders.Read.All': {
      id: 'bbbbbbbb-0000-4000-8000-000000000001',
      description: 'Read the orders of everybody.',
      for: ['application'],
      because: 'Invoices are written at night.',
    },
    'Orders.Admin': {
      id: 'bbbbbbbb-0000-4000-8000-000000000002',
      description: 'Cancel the orders of anybody.',
      for: ['user'],
      because: 'The help desk helps customers.',
    },
  },
  preAuthorized: [
    {
      clientId: '22222222-2222-4222-8222-222222222222',
      scopes: ['Orders.Read'],
      because: 'Our own web shop.',
    },
  ],
});
