import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { API, OTHER_API, OTHER_TENANT, TENANT } from '../../../../test/support/forger.js';
import { optionsFromEnv } from '../../src/index.js';
import { resolveSettings } from '../../src/options/settings.js';
import { configurationSentence } from '../refusals.js';

const NAMES = [
  'ENTRA_GUARD_TENANT_ID',
  'ENTRA_GUARD_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'MSI_ENDPOINT',
  'MSI_SECRET',
  'IMDS_ENDPOINT',
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_PASSWORD',
  'ENTRA_GUARD_AUTHORITY',
  'ENTRA_GUARD_APPLICATION_ID_URI',
] as const;
type Environment = Partial<Record<(typeof NAMES)[number], string>>;

function environment(values: Environment): void {
  for (const name of NAMES) vi.stubEnv(name, values[name]);
}

beforeEach(() => environment({}));
afterEach(() => vi.unstubAllEnvs());

const own = { ENTRA_GUARD_TENANT_ID: TENANT, ENTRA_GUARD_CLIENT_ID: API };
const azure = { AZURE_TENANT_ID: OTHER_TENANT, AZURE_CLIENT_ID: OTHER_API };
const workload = { AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token' };

describe('tenant and API from the environment', () => {
  it('is that of the process, unless another one is given', () => {
    environment(own);
    expect(optionsFromEnv(azure)).toEqual({ tenantId: OTHER_TENANT, clientId: OTHER_API });
    expect(optionsFromEnv()).toEqual({ tenantId: TENANT, clientId: API });
  });

  it.each<[string, Environment, readonly [string, string]]>([
    ['our own names', own, [TENANT, API]],
    ["Azure's names", azure, [OTHER_TENANT, OTHER_API]],
    ['our own names before Azure’s', { ...azure, ...own }, [TENANT, API]],
    ['our own with a workload identity', { ...azure, ...own, ...workload }, [TENANT, API]],
    [
      "the workload's tenant, and our own client",
      { ...azure, ENTRA_GUARD_CLIENT_ID: API, ...workload },
      [OTHER_TENANT, API],
    ],
    ['one of each', { ENTRA_GUARD_TENANT_ID: TENANT, AZURE_CLIENT_ID: OTHER_API }, [TENANT, OTHER_API]],
    [
      'blank ones count as unset',
      { ...azure, ENTRA_GUARD_TENANT_ID: ' ', ENTRA_GUARD_CLIENT_ID: '' },
      [OTHER_TENANT, OTHER_API],
    ],
    [
      'texts of nothing count as unset',
      { ...azure, ENTRA_GUARD_TENANT_ID: 'undefined', ENTRA_GUARD_CLIENT_ID: 'null' },
      [OTHER_TENANT, OTHER_API],
    ],
    [
      'no workload identity behind an empty name',
      { ...azure, AZURE_FEDERATED_TOKEN_FILE: '' },
      [OTHER_TENANT, OTHER_API],
    ],
  ])('%s', (_, values, [tenantId, clientId]) => {
    environment(values);
    expect(optionsFromEnv()).toEqual({ tenantId, clientId });
  });
});

describe('an authority from the environment', () => {
  const authority = 'https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0';
  const customers = { ENTRA_GUARD_AUTHORITY: authority, ENTRA_GUARD_CLIENT_ID: API };

  it.each<[string, Environment, object]>([
    ['stands in place of a tenant', customers, { authority, clientId: API }],
    ["is not that of Azure's SDKs", { ...azure, ...customers }, { authority, clientId: API }],
    [
      "with Azure's client",
      { ...azure, ENTRA_GUARD_AUTHORITY: authority },
      { authority, clientId: OTHER_API },
    ],
    [
      'with an application ID URI',
      { ...customers, ENTRA_GUARD_APPLICATION_ID_URI: 'api://orders' },
      { authority, clientId: API, applicationIdUri: 'api://orders' },
    ],
    [
      'and a tenant with an application ID URI',
      { ...own, ENTRA_GUARD_APPLICATION_ID_URI: 'api://orders' },
      { tenantId: TENANT, clientId: API, applicationIdUri: 'api://orders' },
    ],
    [
      'blank ones count as unset',
      { ...own, ENTRA_GUARD_AUTHORITY: ' ', ENTRA_GUARD_APPLICATION_ID_URI: 'undefined' },
      { tenantId: TENANT, clientId: API },
    ],
  ])('%s', (_, values, options) => {
    environment(values);
    expect(optionsFromEnv()).toEqual(options);
    expect(resolveSettings(optionsFromEnv())).toBeDefined();
  });

  it('contradicts a tenant: both are named', () => {
    expect(configurationSentence(() => optionsFromEnv({ ...own, ...customers }))).toContain(
      'both ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_AUTHORITY',
    );
  });

  it('still needs the client', () => {
    const env = { ENTRA_GUARD_AUTHORITY: authority };
    expect(configurationSentence(() => optionsFromEnv(env))).toContain(
      'The environment has no ENTRA_GUARD_CLIENT_ID.',
    );
  });

  it('is only read from the environment itself', () => {
    const env = Object.assign(
      Object.create({ ...customers, ENTRA_GUARD_APPLICATION_ID_URI: 'api://evil' }),
      own,
    );
    expect(optionsFromEnv(env as Environment)).toEqual({ tenantId: TENANT, clientId: API });
  });
});

describe("AZURE_CLIENT_ID with what makes it the caller's identity", () => {
  it.each(NAMES.slice(4, -2))('is not the API’s: %s', (name) => {
    expect(configurationSentence(() => optionsFromEnv({ ...azure, [name]: 'set' }))).toContain(
      `AZURE_CLIENT_ID is not used: together with ${name} it is`,
    );
    expect(optionsFromEnv({ ...azure, ENTRA_GUARD_CLIENT_ID: API, [name]: 'set' })).toEqual({
      tenantId: OTHER_TENANT,
      clientId: API,
    });
    expect(optionsFromEnv({ ...azure, [name]: '' })).toEqual({ tenantId: OTHER_TENANT, clientId: OTHER_API });
  });

  it('is only read from the environment itself', () => {
    const env = Object.create({ ...own, AZURE_CLIENT_SECRET: 'set' }) as Environment;
    expect(configurationSentence(() => optionsFromEnv(env))).toContain('no ENTRA_GUARD_TENANT_ID and no');
    expect(optionsFromEnv(Object.assign(env, azure))).toMatchObject({ clientId: OTHER_API });
  });
});

describe('what is missing is named', () => {
  it.each<[string, Environment, ...string[]]>([
    ['everything', {}, 'no ENTRA_GUARD_TENANT_ID and no ENTRA_GUARD_CLIENT_ID', 'AZURE_TENANT_ID'],
    [
      'the tenant',
      { ENTRA_GUARD_CLIENT_ID: API },
      'The environment has no ENTRA_GUARD_TENANT_ID.',
      'set AZURE_TENANT_ID and AZURE_CLIENT_ID',
    ],
    [
      "the tenant with Azure's client",
      { AZURE_CLIENT_ID: API },
      'no ENTRA_GUARD_TENANT_ID.',
      'set AZURE_TENANT_ID and AZURE_CLIENT_ID',
    ],
    [
      'the tenant with a workload identity',
      { ...workload, AZURE_CLIENT_ID: OTHER_API, ENTRA_GUARD_CLIENT_ID: API },
      'no ENTRA_GUARD_TENANT_ID.',
      'set AZURE_TENANT_ID and AZURE_CLIENT_ID',
    ],
    ['the API', { ENTRA_GUARD_TENANT_ID: TENANT }, 'The environment has no ENTRA_GUARD_CLIENT_ID.'],
    [
      "AZURE_CLIENT_ID with a federated token is the caller's own identity, never the API",
      { ...azure, ...workload },
      'no ENTRA_GUARD_CLIENT_ID.',
      'AZURE_CLIENT_ID is not used',
      'identity of this workload',
    ],
  ])('%s', (_, values, ...keyWords) => {
    environment(values);
    const sentence = configurationSentence(optionsFromEnv);
    for (const keyWord of keyWords) expect(sentence).toContain(keyWord);
  });
});
