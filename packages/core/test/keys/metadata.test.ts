import { describe, expect, it } from 'vitest';
import { OTHER_TENANT, TENANT } from '../../../../test/support/forger.js';
import type { JsonObject } from '../../src/base/json-object.js';
import { fillTemplate, tenantInIssuer } from '../../src/keys/issuer-text.js';
import { formatMetadata, type MetadataExpectation, parseMetadata } from '../../src/keys/metadata.js';

const LOGIN = 'https://login.microsoftonline.com';
const url = `${LOGIN}/${TENANT}/v2.0/.well-known/openid-configuration`;
const expected: MetadataExpectation = { url, cloud: 'public', tenant: { id: TENANT } };
const page: JsonObject = { issuer: `${LOGIN}/${TENANT}/v2.0`, jwks_uri: `${LOGIN}/keys` };
const read = (changes: JsonObject = {}, expectation: Partial<MetadataExpectation> = {}) =>
  parseMetadata({ ...page, ...changes }, { ...expected, ...expectation });

describe('the metadata of an authority is refused, with the reason', () => {
  it.each<[string, JsonObject, Partial<MetadataExpectation>, string]>([
    ['no issuer', { issuer: undefined }, {}, 'the metadata names no issuer'],
    ['an issuer that is a list', { issuer: [page.issuer] }, {}, 'the metadata names no issuer'],
    ['no key set', { jwks_uri: undefined }, {}, 'the metadata names no key set (jwks_uri)'],
    ['an issuer that is not a URL', { issuer: TENANT }, {}, `the metadata's issuer is not a URL: ${TENANT}`],
    [
      'a key set that is not a URL',
      { jwks_uri: '/keys' },
      {},
      "the metadata's key set (jwks_uri) is not a URL: /keys",
    ],
    [
      'an issuer on http',
      { issuer: `http://login.microsoftonline.com/${TENANT}/v2.0` },
      {},
      "the metadata's issuer is not on https",
    ],
    ['keys on http', { jwks_uri: 'http://login.microsoftonline.com/keys' }, {}, 'is not on https'],
    ['keys on this machine by http', { jwks_uri: 'http://localhost/keys' }, {}, 'is not on https'],
    [
      'keys on this machine',
      { jwks_uri: 'https://localhost/keys' },
      {},
      'is on a host that does not belong to the authority: localhost',
    ],
    [
      'keys on a foreign host',
      { jwks_uri: 'https://evil.example/keys' },
      {},
      "the metadata's key set (jwks_uri) is on a host that does not belong to the authority: evil.example",
    ],
    [
      'keys in another cloud',
      { jwks_uri: 'https://login.microsoftonline.us/keys' },
      {},
      'does not belong to the authority: login.microsoftonline.us',
    ],
    [
      'keys elsewhere, of an authority on this machine',
      { issuer: `http://localhost/${TENANT}/v2.0`, jwks_uri: 'https://evil.example/keys' },
      { url: 'http://localhost/x' },
      'does not belong to the authority: evil.example',
    ],
    [
      'the issuer of every tenant, where one is expected',
      { issuer: `${LOGIN}/{tenantid}/v2.0` },
      {},
      "the metadata's issuer stands for every tenant",
    ],
    [
      'the issuer of every tenant, where any one is expected',
      { issuer: `${LOGIN}/{TenantId}/v2.0` },
      { tenant: 'any' },
      "the metadata's issuer stands for every tenant",
    ],
    [
      "one tenant's issuer, where that of every tenant is expected",
      {},
      { tenant: 'template' },
      "the metadata's issuer is one tenant's",
    ],
    ['an issuer without a tenant', { issuer: `${LOGIN}/v2.0` }, {}, "the metadata's issuer names no tenant"],
    [
      'another tenant',
      { issuer: `${LOGIN}/${OTHER_TENANT}/v2.0` },
      {},
      `the metadata's issuer names tenant ${OTHER_TENANT}, expected ${TENANT}`,
    ],
  ])('%s', (_, changes, expectation, reason) => {
    expect(() => read(changes, expectation)).toThrow(reason);
  });
});

describe('the metadata of an authority is read', () => {
  it.each<[string, JsonObject, Partial<MetadataExpectation>, string | undefined]>([
    ['of one tenant', {}, {}, TENANT],
    ['of any one tenant', { issuer: `${LOGIN}/${OTHER_TENANT}/v2.0` }, { tenant: 'any' }, OTHER_TENANT],
    ['of every tenant', { issuer: `${LOGIN}/{tenantid}/v2.0` }, { tenant: 'template' }, undefined],
    [
      'of every tenant, spelt otherwise',
      { issuer: `${LOGIN}/{TenantId}/` },
      { tenant: 'template' },
      undefined,
    ],
    ['with keys on another host of the cloud', { jwks_uri: 'https://login.windows.net/keys' }, {}, TENANT],
    [
      'on a domain of its own',
      {
        issuer: `https://login.contoso.example/${TENANT}/v2.0`,
        jwks_uri: 'https://login.contoso.example/keys',
      },
      { url: 'https://login.contoso.example/x' },
      TENANT,
    ],
    [
      'on this machine, under several names',
      { issuer: `http://127.0.0.1/${TENANT}/v2.0`, jwks_uri: 'http://[::1]/keys' },
      { url: 'http://localhost/x' },
      TENANT,
    ],
  ])('%s', (_, changes, expectation, tenantId) => {
    const metadata = read(changes, expectation);
    expect(metadata).toEqual({
      issuer: changes.issuer ?? page.issuer,
      keysUrl: changes.jwks_uri ?? page.jwks_uri,
      authorizationUrl: undefined,
      tokenUrl: undefined,
      tenantId,
    });
    expect(Object.isFrozen(metadata)).toBe(true);
  });

  it('with its endpoints, if they are text', () => {
    const endpoints = { authorization_endpoint: `${LOGIN}/authorize`, token_endpoint: `${LOGIN}/token` };
    expect(read(endpoints)).toMatchObject({
      authorizationUrl: `${LOGIN}/authorize`,
      tokenUrl: `${LOGIN}/token`,
    });
    expect(read({ authorization_endpoint: 1, token_endpoint: [] })).toMatchObject({
      authorizationUrl: undefined,
      tokenUrl: undefined,
    });
  });

  it.each<[JsonObject]>([[{}], [{ authorization_endpoint: 'a', token_endpoint: `${LOGIN}/t` }]])(
    'the same again from what is saved of it: %j',
    (changes) => {
      const saved = formatMetadata(read(changes));
      expect(saved).toStrictEqual({ ...page, ...changes });
      expect(parseMetadata(saved, expected)).toEqual(read(changes));
    },
  );
});

it.each([
  [`${LOGIN}/{tenantid}/v2.0`, `${LOGIN}/${TENANT}/v2.0`],
  [`${LOGIN}/{TENANTID}/v2.0`, `${LOGIN}/${TENANT}/v2.0`],
  [`${LOGIN}/${OTHER_TENANT}/v2.0`, `${LOGIN}/${OTHER_TENANT}/v2.0`],
])('the issuer of one tenant of %s', (issuer, filled) => {
  expect(fillTemplate(issuer, TENANT)).toBe(filled);
});

it.each([
  [`${LOGIN}/${TENANT}/v2.0`, TENANT],
  [`${LOGIN}/${TENANT.toUpperCase()}/v2.0`, TENANT],
  [`https://contoso.b2clogin.com/tfp/${TENANT}/b2c_1_a/v2.0/`, TENANT],
  [`${LOGIN}/contoso.com/v2.0`, undefined],
  [`${LOGIN}/?tenant=${TENANT}`, undefined],
  [TENANT, undefined],
])('the tenant in the issuer %s', (issuer, tenant) => {
  expect(tenantInIssuer(issuer)).toBe(tenant);
});
