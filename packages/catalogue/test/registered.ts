import { readFileSync } from 'node:fs';
import { definePermissions } from '@entra-guard/core';

export const API_ID = '11111111-1111-4111-8111-111111111111';
export const WEB = '22222222-2222-4222-8222-222222222222';
export const READ = 'aaaaaaaa-0000-4000-8000-000000000001';
export const WRITE = 'aaaaaaaa-0000-4000-8000-000000000002';
export const READ_ALL = 'bbbbbbbb-0000-4000-8000-000000000001';
export const ADMIN = 'bbbbbbbb-0000-4000-8000-000000000002';

/** What the clean registrations of this folder were made from. */
export const registered = definePermissions({
  api: `api://${API_ID}`,
  owner: { team: 'Orders' },
  scopes: {
    'Orders.Read': {
      id: READ,
      title: 'Read your orders',
      description: 'Read the orders of the signed-in user.',
      consent: 'user',
      because: 'The web shop shows them.',
    },
    'Orders.Write': {
      id: WRITE,
      description: 'Place and change orders.',
      consent: 'admin',
      because: 'The web shop takes them.',
    },
  },
  appRoles: {
    'Orders.Read.All': {
      id: READ_ALL,
      description: 'Read the orders of everybody.',
      for: ['application'],
      because: 'Invoices are written at night.',
    },
    'Orders.Admin': {
      id: ADMIN,
      description: 'Cancel the orders of anybody.',
      for: ['user'],
      because: 'The help desk helps customers.',
    },
  },
  preAuthorized: [{ clientId: WEB, scopes: ['Orders.Read'], because: 'Our own web shop.' }],
});

/** Any JSON object; tests write into it. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of a registration is what is tested
export type Json = any;

/** A registration of the folder `registrations`, read anew each time. */
export function registration(name: string): Json {
  return JSON.parse(readFileSync(new URL(`./registrations/${name}.json`, import.meta.url), 'utf8'));
}
