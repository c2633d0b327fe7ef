import { createValidator, type ValidatorOptions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { b2cDocuments, b2cMetadata } from '../../../../test/support/b2c.js';
import { contoso } from '../../../../test/support/contoso.js';
import {
  type Documents,
  documents,
  KEY,
  LOGIN,
  NOW,
  sharedPages,
  TENANT,
  tenantPages,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { singleTenant } from '../../../../test/support/outcome.js';

const { tenantId: _, ...api } = contoso();
const sixTenants = [...'abcdef'].map((digit) => TENANT.replace(/^a{4}/, digit.repeat(4)));
const metadataOf = (tenant: string): string => `${LOGIN}/${tenant}/v2.0${WELL_KNOWN}`;

describe('ready() loads what is known to be needed', () => {
  it.each<[string, Documents, Partial<ValidatorOptions>, string[]]>([
    [
      "of a list, each tenant's metadata",
      documents(Object.assign({}, ...sixTenants.map((tenant) => tenantPages(tenant)))),
      { tenants: sixTenants },
      sixTenants.map(metadataOf),
    ],
    [
      'of any organisation, the shared metadata',
      documents(sharedPages()),
      { tenants: 'any-organization' },
      [metadataOf('organizations')],
    ],
    [
      'of an authority, its own metadata',
      documents(tenantPages()),
      { authority: `${LOGIN}/${TENANT}/v2.0` },
      [metadataOf(TENANT)],
    ],
    [
      'of Azure AD B2C, the metadata of every accepted policy',
      b2cDocuments(),
      { authority: b2cMetadata(), policies: ['B2C_1_signin', 'B2C_1_edit'] },
      [b2cMetadata(), b2cMetadata('B2C_1_edit')],
    ],
  ])('%s', async (_, docs, tenancy, urls) => {
    const validator = createValidator({ ...api, fetch: docs.fetch, ...tenancy } as ValidatorOptions);
    await validator.ready();
    const metadata = docs.asked.filter((url) => url.includes(WELL_KNOWN));
    expect(new Set(metadata)).toEqual(new Set(urls));
    expect(validator.state().keyIds).toEqual([KEY.kid]);
    validator.close();
    await expect(validator.ready()).rejects.toMatchObject({ code: 'keys_unavailable', status: 503 });
  });
});

it('a validator says where each of its documents stands', async () => {
  const one = singleTenant();
  await one.ready();
  expect(one.state().sources).toEqual([
    {
      url: expect.stringContaining(WELL_KNOWN),
      document: 'metadata',
      fetchedAt: NOW,
      trustedUntil: NOW + 86_400_000,
      lastError: undefined,
      retryAt: undefined,
      stale: false,
    },
    {
      url: expect.stringContaining('keys'),
      document: 'keys',
      fetchedAt: NOW,
      trustedUntil: NOW + 86_400_000,
      lastError: undefined,
      retryAt: undefined,
      stale: false,
    },
  ]);
});
