import { describe, expect, it } from 'vitest';
import { API, OTHER_TENANT, TENANT } from '../../../../test/support/forger.js';
import type { ValidatorOptions } from '../../src/index.js';
import { versionOf } from '../../src/keys/issuer-text.js';
import { knownPlaces, pinningPlace, placeFor, sharedPlace } from '../../src/keys/places.js';
import { resolveSettings } from '../../src/options/settings.js';

const WELL_KNOWN = '/.well-known/openid-configuration';
const LOGIN = 'https://login.microsoftonline.com';
const CUSTOM = 'https://login.contoso.example';
const B2C = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com';

const settings = (options: object) =>
  resolveSettings({ clientId: API, ...options } as unknown as ValidatorOptions);
const single = { tenantId: TENANT };
const domain = { tenantId: 'contoso.com' };
const list = { tenants: [TENANT, OTHER_TENANT] };
const any = { tenants: 'any-organization' };
const fn = { tenants: () => true };
const policies = ['B2C_1_signin', 'B2C_1A_Strong'];
const inPath = { authority: `${B2C}/b2c_1_signin/v2.0`, policies };
const inQuery = { authority: `${B2C}/v2.0?p=b2c_1_signin`, policies };

describe('the version of a token', () => {
  it.each([
    [`${LOGIN}/${TENANT}/v2.0`, 'v2'],
    [`https://contosob2c.b2clogin.com/${TENANT}/v2.0/`, 'v2'],
    [`https://sts.windows.net/${TENANT}/`, 'v1'],
    [`${LOGIN}/${TENANT}/v2x0`, 'v1'],
    [`${LOGIN}/v2.0/${TENANT}`, 'v1'],
    [`${LOGIN}/${TENANT}/xv2.0`, 'v1'],
  ])('%s: %s', (issuer, version) => {
    expect(versionOf(issuer)).toBe(version);
  });
});

describe('where metadata is read', () => {
  it.each<[string, object, 'v1' | 'v2', string | undefined, string, unknown]>([
    ['one tenant', single, 'v2', undefined, `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`, { id: TENANT }],
    ['one tenant, v1', single, 'v1', undefined, `${LOGIN}/${TENANT}${WELL_KNOWN}`, { id: TENANT }],
    ['a domain', domain, 'v2', undefined, `${LOGIN}/contoso.com/v2.0${WELL_KNOWN}`, 'any'],
    [
      'another cloud',
      { ...single, cloud: 'usgov' },
      'v2',
      undefined,
      `https://login.microsoftonline.us/${TENANT}/v2.0${WELL_KNOWN}`,
      { id: TENANT },
    ],
    ['a list', list, 'v2', undefined, `${LOGIN}/${OTHER_TENANT}/v2.0${WELL_KNOWN}`, { id: OTHER_TENANT }],
    ['any organisation', any, 'v2', undefined, `${LOGIN}/organizations/v2.0${WELL_KNOWN}`, 'template'],
    ['any organisation, v1', any, 'v1', undefined, `${LOGIN}/common${WELL_KNOWN}`, 'template'],
    ['a function', fn, 'v2', undefined, `${LOGIN}/common/v2.0${WELL_KNOWN}`, 'template'],
    ['a function, v1', fn, 'v1', undefined, `${LOGIN}/common${WELL_KNOWN}`, 'template'],
    [
      'an authority',
      { authority: `${CUSTOM}/${TENANT}/v2.0` },
      'v2',
      undefined,
      `${CUSTOM}/${TENANT}/v2.0${WELL_KNOWN}`,
      'any',
    ],
    [
      'v1 tokens of an authority',
      { authority: `${CUSTOM}/${TENANT}/v2.0${WELL_KNOWN}?x=1` },
      'v1',
      undefined,
      `${CUSTOM}/${TENANT}${WELL_KNOWN}?x=1`,
      'any',
    ],
    [
      'v2 tokens of an authority by its v1 URL',
      { authority: `${CUSTOM}/${TENANT}` },
      'v2',
      undefined,
      `${CUSTOM}/${TENANT}/v2.0${WELL_KNOWN}`,
      'any',
    ],
    ['B2C', inPath, 'v2', 'b2c_1_signin', `${B2C}/b2c_1_signin/v2.0${WELL_KNOWN}`, 'any'],
    ['B2C, v1 tokens as well', inPath, 'v1', 'b2c_1_signin', `${B2C}/b2c_1_signin/v2.0${WELL_KNOWN}`, 'any'],
    ['B2C, another policy', inPath, 'v2', 'b2c_1a_strong', `${B2C}/B2C_1A_Strong/v2.0${WELL_KNOWN}`, 'any'],
    ['B2C, no policy', inPath, 'v2', undefined, `${B2C}/b2c_1_signin/v2.0${WELL_KNOWN}`, 'any'],
    [
      'B2C by a query, another policy',
      inQuery,
      'v2',
      'b2c_1a_strong',
      `${B2C}/v2.0${WELL_KNOWN}?p=B2C_1A_Strong`,
      'any',
    ],
    [
      'an app with keys of its own',
      { ...single, customSigningKeys: true },
      'v2',
      undefined,
      `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}?appid=${API}`,
      { id: TENANT },
    ],
    [
      'an app with keys of its own, at an authority with a query',
      { authority: `${CUSTOM}/${TENANT}/v2.0${WELL_KNOWN}?x=1`, customSigningKeys: true },
      'v2',
      undefined,
      `${CUSTOM}/${TENANT}/v2.0${WELL_KNOWN}?x=1&appid=${API}`,
      'any',
    ],
  ])('%s', (_, options, version, policy, url, tenant) => {
    const named = 'tenants' in options ? OTHER_TENANT : TENANT;
    expect(placeFor(settings(options), version, named, policy)).toEqual({ url, tenant });
  });

  it('what all tenants share is read from their common place, whichever tenants are accepted', () => {
    expect(sharedPlace(settings(single), 'v2').url).toBe(`${LOGIN}/organizations/v2.0${WELL_KNOWN}`);
  });
});

describe('what says which tenant it is', () => {
  it.each<[string, object, string | undefined]>([
    ['a domain', domain, `${LOGIN}/contoso.com/v2.0${WELL_KNOWN}`],
    ['an authority', { authority: `${CUSTOM}/${TENANT}` }, `${CUSTOM}/${TENANT}${WELL_KNOWN}`],
    ['a GUID: nothing', single, undefined],
    ['a list: nothing', list, undefined],
    ['any organisation: nothing', any, undefined],
    ['B2C: the metadata of the policy', inPath, undefined],
  ])('%s', (_, options, url) => {
    const place = pinningPlace(settings(options));
    expect(place).toEqual(url === undefined ? undefined : { url, tenant: 'any' });
  });
});

describe('what can be loaded before the first token comes', () => {
  const thousands = Array.from({ length: 12 }, (_, index) => `${TENANT.slice(0, -2)}${index + 10}`);
  it.each<[string, object, string[]]>([
    ['one tenant', single, [`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`]],
    [
      'the first ten of a list',
      { tenants: thousands },
      thousands.slice(0, 10).map((tenant) => `${LOGIN}/${tenant}/v2.0${WELL_KNOWN}`),
    ],
    ['what all tenants share', any, [`${LOGIN}/organizations/v2.0${WELL_KNOWN}`]],
    ['an authority', { authority: `${CUSTOM}/${TENANT}` }, [`${CUSTOM}/${TENANT}${WELL_KNOWN}`]],
    [
      'each policy of B2C',
      inPath,
      [`${B2C}/b2c_1_signin/v2.0${WELL_KNOWN}`, `${B2C}/B2C_1A_Strong/v2.0${WELL_KNOWN}`],
    ],
  ])('%s', (_, options, urls) => {
    expect(knownPlaces(settings(options)).map(({ url }) => url)).toEqual(urls);
  });
});
