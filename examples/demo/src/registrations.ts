import type { AppRegistrations } from '@entra-guard/testing';

/** App registrations of the tenant, with the names of Entra's app manifest. The local Entra mints nothing else. */
export const registrations = {
  // The API. The Express and the NestJS app of the demo share this registration.
  orders: {
    scopes: ['Orders.Read', 'Orders.Write'],
    appRoles: {
      'Orders.Approver': ['User'],
      'Orders.Admin': ['User'],
      'Orders.Auditor': ['User'],
      'Orders.Write.All': ['Application'],
      'Orders.Export.All': ['Application'],
      'Revocations.Revoke.All': ['Application'],
    },
    assignments: {
      grace: ['Orders.Approver'],
      alan: ['Orders.Admin', 'Orders.Auditor'],
      'nightly-job': ['Orders.Export.All'],
      'ci-runner': ['Orders.Write.All'],
      'leaver-job': ['Revocations.Revoke.All'],
    },
    optionalClaims: ['auth_time'],
  },
  // The web app that users sign in to.
  'orders-web': { secret: 'orders-web-secret', redirectUris: ['http://localhost:3000/signed-in'] },
  // A daemon with a secret, and a managed identity, which has none.
  'nightly-job': { secret: 'nightly-job-secret' },
  'ci-runner': {},
  // What asks Microsoft Graph who has left.
  'leaver-feed': { secret: 'leaver-feed-secret', graph: ['User.Read.All'] },
  // What shuts leavers out over HTTP, where processes share no Redis.
  'leaver-job': { secret: 'leaver-job-secret' },
} as const satisfies AppRegistrations;
