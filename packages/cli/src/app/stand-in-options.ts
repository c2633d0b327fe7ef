/** What an application is made with that asks for options or the environment: IDs of no tenant and no API. No token is looked at. */
export const STAND_IN = {
  tenantId: '00000000-0000-4000-8000-000000000001',
  clientId: '00000000-0000-4000-8000-000000000002',
  log: false,
} as const;
