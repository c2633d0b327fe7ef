import type { StartEntraOptions } from '../start-entra.js';

/** A small directory that works at once, for `entra-guard local` without a configuration file. */
export const exampleDirectory = {
  users: { ada: { displayName: 'Ada Lovelace', admin: true }, bob: { displayName: 'Bob Babbage' } },
  groups: { staff: ['ada', 'bob'] },
  apps: {
    orders: {
      scopes: ['Orders.Read', 'Orders.Write'],
      appRoles: { 'Orders.Approver': ['User'], 'Orders.Read.All': ['Application'] },
      assignments: {
        ada: ['Orders.Approver'],
        job: ['Orders.Read.All'],
        'managed-identity': ['Orders.Read.All'],
        helper: ['Orders.Read.All'],
      },
    },
    web: { platform: 'web', secret: 'local-secret' },
    spa: { platform: 'spa' },
    desktop: { platform: 'public' },
    job: { secret: 'local-secret' },
    assistants: { secret: 'local-secret' },
  },
  agents: { helper: { blueprint: 'assistants' } },
} as const satisfies StartEntraOptions;
