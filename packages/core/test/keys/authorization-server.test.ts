import { createValidator, type ValidatorOptions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  documents,
  KEY,
  LOGIN,
  NOW,
  OTHER_TENANT,
  TENANT,
  tenantPages,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';

const endpoints = (base: string) => ({
  authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
  token_endpoint: `${base}/oauth2/v2.0/token`,
});
/** Consumers have no part in a list of organizations; a function decides about them itself. */
const shared = (name: string) => ({
  [`${LOGIN}/${name}/v2.0${WELL_KNOWN}`]: {
    issuer: `${LOGIN}/{tenantid}/v2.0`,
    jwks_uri: `${LOGIN}/common/discovery/v2.0/keys`,
    ...endpoints(`${LOGIN}/${name}`),
  },
});
const OWN = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;

const docs = documents({
  ...tenantPages(),
  [OWN]: { ...(tenantPages()[OWN] as object), ...endpoints(`${LOGIN}/${TENANT}`) },
  ...shared('organizations'),
  ...shared('common'),
  [`${LOGIN}/common/discovery/v2.0/keys`]: { keys: [KEY.jwk] },
  [`https://mute.ciamlogin.com/${TENANT}/v2.0${WELL_KNOWN}`]: {
    issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    jwks_uri: `https://${TENANT}.ciamlogin.com/keys`,
  },
  [`https://half.ciamlogin.com/${TENANT}/v2.0${WELL_KNOWN}`]: {
    issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    jwks_uri: `https://${TENANT}.ciamlogin.com/keys`,
    authorization_endpoint: 'https://half.ciamlogin.com/authorize',
  },
  [`https://other.ciamlogin.com/${TENANT}/v2.0${WELL_KNOWN}`]: {
    issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    jwks_uri: `https://${TENANT}.ciamlogin.com/keys`,
    token_endpoint: 'https://other.ciamlogin.com/token',
  },
});
const common = { clientId: API, fetch: docs.fetch, now: () => NOW, log: false } as const;
const serverOf = (options: ValidatorOptions) => createValidator(options).authorizationServer();

describe('where clients get tokens', () => {
  it("is the tenant's own place for one tenant", async () => {
    expect(await serverOf({ ...common, tenantId: TENANT })).toEqual({
      authorizationUrl: `${LOGIN}/${TENANT}/oauth2/v2.0/authorize`,
      tokenUrl: `${LOGIN}/${TENANT}/oauth2/v2.0/token`,
      applicationIdUri: `api://${API}`,
    });
  });

  it.each<[name: string, options: ValidatorOptions, place: string]>([
    ['a list of tenants', { ...common, tenants: [TENANT, OTHER_TENANT] }, 'organizations'],
    ['a function', { ...common, tenants: () => true }, 'common'],
    ['any organization', { ...common, tenants: 'any-organization' }, 'organizations'],
  ])('is the place that serves all of them for %s', async (_, options, place) => {
    expect((await serverOf(options)).tokenUrl).toBe(`${LOGIN}/${place}/oauth2/v2.0/token`);
  });

  it.each([
    ['mute', 'authorization'],
    ['half', 'token'],
    ['other', 'authorization'],
  ])('is not known where the metadata of %s does not say', async (name, what) => {
    const authority = `https://${name}.ciamlogin.com/${TENANT}/v2.0`;
    await expect(serverOf({ ...common, authority })).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringContaining(`${authority}${WELL_KNOWN} names no ${what} endpoint.`),
    });
  });

  it('what scopes begin with is known without', () => {
    const applicationIdUri = 'api://orders.contoso.example/';
    expect(createValidator({ ...common, tenantId: TENANT, applicationIdUri }).applicationIdUri).toBe(
      'api://orders.contoso.example',
    );
  });

  it('is kept in a snapshot', async () => {
    const validator = createValidator({ ...common, tenantId: TENANT });
    await validator.ready();
    const seeded = createValidator({
      ...common,
      tenantId: TENANT,
      fetch: async () => new Response('', { status: 500 }),
      keys: { seed: validator.snapshot() },
    });
    expect((await seeded.authorizationServer()).tokenUrl).toContain(TENANT);
  });

  it('is nowhere once closed', async () => {
    const validator = createValidator({ ...common, tenantId: TENANT });
    validator.close();
    await expect(validator.authorizationServer()).rejects.toMatchObject({ code: 'keys_unavailable' });
  });
});
