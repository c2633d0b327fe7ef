import type { AppRegistrations } from '@entra-guard/testing';

/** What the tenant's administrator has set up, in the words of Entra's app manifest. The local Entra mints nothing else. */
export const registrations = {
  // The API. Both of the demo's APIs are this one.
  orders: {
    scopes: ['Orders.Read', 'Orders.Write'],
    appRoles: {
      'Orders.Approver': ['User'],
      'Orders.Admin': ['User'],
      'Orders.Auditor': ['User'],
      'Orders.Write.All': ['Application'],
      'Orders.Export.All': ['Application'],
    },
    assignments: {
      grace: ['Orders.Approver'],
      alan: ['Orders.Admin', 'Orders.Auditor'],
      'nightly-job': ['Orders.Export.All'],
      'ci-runner': ['Orders.Write.All'],
    },
    optionalClaims: ['auth_time'],
  },
  // The web application that users sign in to.
  'orders-web': { secret: 'orders-web-secret', redirectUris: ['http://localhost:3000/signed-in'] },
  // A daemon with a secret, and a managed identity, which has none.
  'nightly-job': { secret: 'nightly-job-secret' },
  'ci-runner': {},
} as const satisfies AppRegistrations;
