import { definePermissions } from '@entra-guard/express';

export { app } from './plain-app.mjs';
export const permissions = definePermissions({
  api: process.env.ENTRA_GUARD_CLIENT_ID,
  owner: { team: 'Orders' },
  scopes: { 'Orders.Read': { description: 'Read.', consent: 'user', because: 'They ask.' } },
});
