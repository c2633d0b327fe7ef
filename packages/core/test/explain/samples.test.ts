import { createValidator } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { CONSUMERS, LOGIN, signed } from '../../../../test/support/forger.js';
import { authorities, B2C_TENANT, CIAM_TENANT, docs, headerOf } from './sample-authorities.js';
import tokens from './sample-tokens.json' with { type: 'json' };

const validator = createValidator(authorities);

/** What facts section 10 says each sample is. */
const expected: Readonly<Record<string, readonly ['user' | 'app', Readonly<Record<string, unknown>>][]>> = {
  v1_delegated: [
    ['user', { scopes: ['Orders.Read', 'Orders.Write'], clientId: '11112222-bbbb-3333-cccc-4444dddd5555' }],
    ['user', { scopes: ['user_impersonation'], roles: ['Orders.Approver'] }],
    ['user', { authenticationContexts: ['c1', 'c3'] }],
  ],
  v2_delegated: [
    ['user', { agent: undefined, guest: undefined, groups: [] }],
    [
      'user',
      {
        roles: ['Orders.Approver'],
        groups: ['f0000000-0000-0000-0000-000000000001', 'f0000000-0000-0000-0000-000000000002'],
      },
    ],
    ['user', { tenantId: CONSUMERS }],
  ],
  v2_app_only: [
    ['app', { roles: ['Orders.Read.All'], scopes: [] }],
    ['app', { roles: ['Orders.Read.All', 'Orders.ReadWrite.All'] }],
    ['app', { roles: [] }],
  ],
  managed_identity: [
    ['app', { roles: ['Orders.Read.All'], clientId: '44445555-eeee-6666-ffff-7777aaaa8888' }],
    ['app', { roles: ['Orders.Read.All'] }],
    ['app', { roles: [] }],
  ],
  b2c: [
    ['user', { tenantId: B2C_TENANT, objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb' }],
    [
      'user',
      {
        tenantId: B2C_TENANT,
        objectId: undefined,
        subjectKey: `${B2C_TENANT}/b2c_1a_signup_signin/sub/bbbbbbbb-1111-2222-3333-cccccccccccc`,
      },
    ],
    ['user', { tenantId: B2C_TENANT }],
  ],
  ciam_external_id: [
    ['user', { tenantId: CIAM_TENANT }],
    ['user', { roles: ['Orders.Premium'] }],
    ['app', { roles: ['Orders.Read.All'] }],
  ],
  obo: [
    ['user', { clientId: '33334444-dddd-5555-eeee-6666ffff7777' }],
    ['user', { roles: ['Orders.Approver'] }],
    ['user', { authenticationContexts: ['c1'] }],
  ],
  guest: [
    ['user', { guest: true }],
    ['user', { guest: undefined }],
    ['user', { guest: true }],
  ],
  groups_overage: [
    ['user', { groups: 'overage' }],
    ['user', { groups: 'overage' }],
    ['user', { groups: 'overage', roles: ['Orders.Approver'] }],
  ],
  agent_identity: [
    [
      'app',
      {
        agent: { actor: true, subject: true, blueprintId: '66667777-aaaa-8888-bbbb-9999cccc0000' },
        scopes: [],
      },
    ],
    ['user', { agent: { actor: true, subject: false, blueprintId: '66667777-aaaa-8888-bbbb-9999cccc0000' } }],
    ['user', { agent: { actor: true, subject: true, blueprintId: '66667777-aaaa-8888-bbbb-9999cccc0000' } }],
  ],
};

const rows = Object.entries(tokens.samples).flatMap(([group, samples]) =>
  samples.map(
    (sample, index) => [`${group}: ${sample.case}`, sample.payload, expected[group]?.[index]] as const,
  ),
);

describe('every kind of token that Entra issues', () => {
  it.each(rows)('%s', async (_, payload, expectation) => {
    const auth = await validator.validate(signed(payload, headerOf(payload)));
    const [kind, facts] = expectation ?? [];
    expect(auth.kind).toBe(kind);
    const plain = JSON.parse(JSON.stringify(auth)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(facts ?? {})) expect(plain[name], name).toEqual(value);
    expect(auth.issuer).toBe(payload.iss);
    expect(auth.expiresAt).toBe(payload.exp * 1000);
    expect(auth.claims.aud).toBe(payload.aud);
  });

  it('the endpoint that a groups overage names is never asked', () => {
    expect(docs.asked.filter((url) => url.includes('graph'))).toEqual([]);
    expect(docs.asked.length).toBeGreaterThan(0);
    expect(docs.asked.every((url) => url.includes('.well-known') || url.includes('keys'))).toBe(true);
    expect(docs.asked.some((url) => url.startsWith(LOGIN))).toBe(true);
  });
});
