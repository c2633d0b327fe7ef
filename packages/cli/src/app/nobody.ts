/** Nobody's: what an application is made with that asks for options or the environment. No token is looked at. */
export const NOBODY = {
  tenantId: '00000000-0000-4000-8000-000000000001',
  clientId: '00000000-0000-4000-8000-000000000002',
  log: false,
} as const;
