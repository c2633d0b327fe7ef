import { definePermissions } from '@entra-guard/express';

export const permissions = definePermissions({ api: 'orders', owner: { team: 'Orders' } });
