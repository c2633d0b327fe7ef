import { allOf, authContext, createGuard, createValidator, PermissionError, scopes } from '@entra-guard/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  Answer,
  API,
  appClaims,
  CONSUMERS,
  DAEMON,
  type Documents,
  documents,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  OTHER_TENANT,
  sharedPages,
  signed,
  TENANT,
  tenantPages,
  tokenOf,
  userClaims,
  v1Claims,
  v1Issuer,
  v1TokenOf,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { acceptingTenants, outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const base = (docs: Documents) => ({ clientId: API, fetch: docs.fetch, now: () => NOW, log: false }) as const;
const CONSUMER_KEY = makeKey('consumers');

describe('any organisation', () => {
  const docs = documents(sharedPages([KEY], [CONSUMER_KEY]));
  const consumerToken = signed(
    userClaims({ iss: v2Issuer(CONSUMERS), tid: CONSUMERS }),
    {},
    { key: CONSUMER_KEY },
  );

  it.each([
    ['any organisation, v2', tokenOf(OTHER_TENANT), 'accepted'],
    ['any organisation, v1, by a key that the v2 set vouches for', v1TokenOf(OTHER_TENANT), 'accepted'],
    ['personal accounts', consumerToken, 'tenant_not_accepted'],
    [
      'the issuer of one tenant with the tid of another',
      tokenOf(TENANT, { tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    [
      "an organisation's token signed by the consumers' key",
      signed(userClaims(), {}, { key: CONSUMER_KEY }),
      'signing_key_not_found',
    ],
    [
      "an organisation's v1 token signed by the consumers' key",
      signed(v1Claims(), {}, { key: CONSUMER_KEY }),
      'signing_key_not_found',
    ],
  ])("'any-organization': %s", async (_, token, expected) => {
    expect(await outcomeOf(acceptingTenants('any-organization', docs), token)).toBe(expected);
  });

  it('a function that says so lets personal accounts in', async () => {
    expect(
      await outcomeOf(
        acceptingTenants((tid) => tid === CONSUMERS, docs),
        consumerToken,
      ),
    ).toBe('accepted');
  });

  it('shared metadata with one tenant as its issuer is refused: nothing is decided by it', async () => {
    const odd = documents(sharedPages());
    odd.pages.set(`${LOGIN}/organizations/v2.0${WELL_KNOWN}`, {
      issuer: v2Issuer(TENANT),
      jwks_uri: `${LOGIN}/common/discovery/v2.0/keys`,
    });
    expect(await outcomeOf(acceptingTenants('any-organization', odd), tokenOf(TENANT))).toBe(
      'keys_unavailable',
    );
  });
});

describe('a tenant given by its domain', () => {
  const domain = 'contoso.onmicrosoft.com';
  const pages = (tenant: string): Record<string, unknown> => ({
    ...tenantPages(tenant),
    [`${LOGIN}/${domain}/v2.0${WELL_KNOWN}`]: {
      issuer: v2Issuer(tenant),
      jwks_uri: `${LOGIN}/${tenant}/discovery/v2.0/keys`,
    },
    [`${LOGIN}/${domain}${WELL_KNOWN}`]: {
      issuer: v1Issuer(tenant),
      jwks_uri: `${LOGIN}/common/discovery/keys`,
    },
  });

  it.each([
    ['its v2 tokens', tokenOf(TENANT), 'accepted'],
    ['its v1 tokens', v1TokenOf(TENANT), 'accepted'],
    ['tokens of another tenant', tokenOf(OTHER_TENANT), 'tenant_not_accepted'],
    ['v1 tokens of another tenant', v1TokenOf(OTHER_TENANT), 'tenant_not_accepted'],
  ])('%s', async (_, token, expected) => {
    const validator = createValidator({ ...base(documents(pages(TENANT))), tenantId: domain });
    expect(await outcomeOf(validator, token)).toBe(expected);
  });

  it('v1 tokens are undecided (503), not refused, while their metadata is unavailable', async () => {
    const docs = documents(pages(TENANT));
    docs.pages.delete(`${LOGIN}/${domain}${WELL_KNOWN}`);
    const validator = createValidator({ ...base(docs), tenantId: domain });
    expect(await outcomeOf(validator, v1TokenOf(TENANT))).toBe('keys_unavailable');
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('accepted');
  });

  it('is pinned to the GUID it first resolved to: a domain that changes hands opens nothing', async () => {
    let now = NOW;
    const docs = documents(pages(TENANT));
    const validator = createValidator({
      ...base(docs),
      now: () => now,
      tenantId: domain,
      keys: { hardAge: 0 },
    });
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('accepted');
    for (const [url, page] of Object.entries(pages(OTHER_TENANT))) docs.pages.set(url, page);
    now += 3_600_000;
    const later = { iat: undefined, nbf: undefined, exp: now / 1000 + 600 };
    expect(await outcomeOf(validator, tokenOf(OTHER_TENANT, later))).toBe('tenant_not_accepted');
    expect(await refusalOf(validator, tokenOf(TENANT, later))).toMatchObject({
      code: 'keys_unavailable',
      message: expect.stringContaining(
        `names tenant ${OTHER_TENANT}, and the authority named ${TENANT} before`,
      ),
      retryAfter: 60,
    });
  });
});

describe('national clouds', () => {
  const pages = (login: string, v1: string): Record<string, unknown> => ({
    [`${login}/${TENANT}/v2.0${WELL_KNOWN}`]: {
      issuer: `${login}/${TENANT}/v2.0`,
      jwks_uri: `${login}/keys`,
    },
    [`${login}/${TENANT}${WELL_KNOWN}`]: { issuer: v1, jwks_uri: `${login}/keys` },
    [`${login}/keys`]: { keys: [KEY.jwk] },
  });
  const us = 'https://login.microsoftonline.us';
  const cn = 'https://login.partner.microsoftonline.cn';

  it.each([
    ['usgov', us, v1Issuer(TENANT), `${us}/${TENANT}/v2.0`],
    ['china', cn, `https://sts.chinacloudapi.cn/${TENANT}/`, `${cn}/${TENANT}/v2.0`],
  ] as const)('%s: v1 and v2 tokens of that cloud, none of the public one', async (cloud, login, v1, v2) => {
    const validator = createValidator({ ...base(documents(pages(login, v1))), tenantId: TENANT, cloud });
    expect(await outcomeOf(validator, signed(userClaims({ iss: v2 })))).toBe('accepted');
    expect(await outcomeOf(validator, signed(v1Claims({ iss: v1 })))).toBe('accepted');
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('issuer_not_accepted');
  });
});

describe('External ID and other authorities', () => {
  const tenant = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
  const issuer = `https://${tenant}.ciamlogin.com/${tenant}/v2.0`;
  const metadata = { issuer, jwks_uri: `https://${tenant}.ciamlogin.com/keys` };
  const keys = { [`https://${tenant}.ciamlogin.com/keys`]: { keys: [KEY.jwk] } };
  const token = signed(userClaims({ iss: issuer, tid: tenant }));

  it.each([
    [
      'by tenant ID',
      `https://contoso.ciamlogin.com/${tenant}/v2.0`,
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
    ],
    [
      'by its host alone, as it is documented',
      'https://contoso.ciamlogin.com/',
      `https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0${WELL_KNOWN}`,
    ],
    [
      'by a custom domain',
      `https://login.contoso.example/${tenant}/v2.0`,
      `https://login.contoso.example/${tenant}/v2.0${WELL_KNOWN}`,
    ],
    [
      'by the whole metadata URL',
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
    ],
    [
      'with a trailing slash',
      `https://contoso.ciamlogin.com/${tenant}/v2.0/`,
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
    ],
  ])('%s', async (_, authority, url) => {
    const docs = documents({ [url]: metadata, ...keys });
    const validator = createValidator({ ...base(docs), authority });
    expect(await outcomeOf(validator, token)).toBe('accepted');
    expect(await outcomeOf(validator, tokenOf(TENANT))).toBe('tenant_not_accepted');
  });

  it('v1 tokens are refused, not undecided, where the authority has no v1 metadata', async () => {
    const docs = documents({
      [`https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`]: metadata,
      ...keys,
    });
    const validator = createValidator({
      ...base(docs),
      authority: `https://contoso.ciamlogin.com/${tenant}/v2.0`,
    });
    expect(await outcomeOf(validator, v1TokenOf(tenant))).toBe('issuer_not_accepted');
  });

  it('v1 tokens are undecided (503) where the v1 metadata is unavailable', async () => {
    const docs = documents({
      [`https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`]: metadata,
      ...keys,
    });
    docs.pages.set(
      `https://contoso.ciamlogin.com/${tenant}${WELL_KNOWN}`,
      new Answer(() => new Response('', { status: 503 })),
    );
    const authority = `https://contoso.ciamlogin.com/${tenant}/v2.0`;
    expect(await outcomeOf(createValidator({ ...base(docs), authority }), v1TokenOf(tenant))).toBe(
      'keys_unavailable',
    );
  });

  it('its own metadata that has vanished decides nothing (503)', async () => {
    let now = NOW;
    const url = `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`;
    const docs = documents({ [url]: metadata, ...keys });
    const options = { ...base(docs), now: () => now, keys: { hardAge: 0 }, authority: url };
    const validator = createValidator(options);
    expect(await outcomeOf(validator, token)).toBe('accepted');
    docs.pages.delete(url);
    now += 3_600_000;
    const later = userClaims({ iss: issuer, tid: tenant, exp: now / 1000 + 600 });
    expect(await outcomeOf(validator, signed(later))).toBe('keys_unavailable');
  });

  it('daemons are told from users as in a workforce tenant, and not as in B2C', async () => {
    const url = `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`;
    const docs = documents({ [url]: metadata, ...keys });
    const validator = createValidator({ ...base(docs), authority: url });
    const auth = await validator.validate(signed(appClaims({ iss: issuer, tid: tenant })));
    expect(auth).toMatchObject({ kind: 'app', clientId: DAEMON });
  });

  it.each<[string, { readonly authorization_endpoint?: string }]>([
    ['where its metadata says', { authorization_endpoint: 'https://contoso.ciamlogin.com/authorize' }],
    ['to its issuer, where its metadata does not say', {}],
  ])('a step-up sends users %s, and names the tenant', async (_, more) => {
    const url = `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`;
    const docs = documents({ [url]: { ...metadata, ...more }, ...keys });
    const guard = createGuard({ ...base(docs), authority: url });
    const request = { headers: { authorization: `Bearer ${token}` } };
    const error = await guard
      .require(request, allOf(scopes('Orders.Read'), authContext('c1')))
      .catch((reason: unknown) => reason);
    expect(guard.toHttp(error).headers['WWW-Authenticate']).toContain(
      `realm="${tenant}", authorization_uri="${more.authorization_endpoint ?? issuer}"`,
    );
  });

  it('apps with signing keys of their own are read with ?appid=', async () => {
    const docs = documents({
      [`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}?appid=${API}`]: {
        issuer: v2Issuer(TENANT),
        jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys?appid=${API}`,
      },
      [`${LOGIN}/${TENANT}/discovery/v2.0/keys?appid=${API}`]: { keys: [KEY.jwk] },
    });
    expect(await outcomeOf(singleTenant({ customSigningKeys: true }, docs), signed(userClaims()))).toBe(
      'accepted',
    );
    expect(docs.asked.every((url) => url.endsWith(`?appid=${API}`))).toBe(true);
  });
});

describe('authorities in other places', () => {
  const local = (keys: string): Documents =>
    documents({
      [`http://localhost:8080/${TENANT}/v2.0${WELL_KNOWN}`]: {
        issuer: `http://127.0.0.1:8080/${TENANT}/v2.0`,
        jwks_uri: keys,
      },
      [keys]: { keys: [KEY.jwk] },
    });

  it('a local Entra may call itself by another name of this machine', async () => {
    const validator = createValidator({
      ...base(local('http://[::1]:8080/keys')),
      authority: `http://localhost:8080/${TENANT}/v2.0`,
    });
    const token = signed(userClaims({ iss: `http://127.0.0.1:8080/${TENANT}/v2.0` }));
    expect(await outcomeOf(validator, token)).toBe('accepted');
  });

  it('Entra itself does not publish keys on this machine', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`, {
      issuer: v2Issuer(TENANT),
      jwks_uri: 'https://localhost/keys',
    });
    docs.pages.set('https://localhost/keys', { keys: [KEY.jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('keys_unavailable');
  });

  it('v2 tokens of an authority that was given by its v1 URL are read by its v2 metadata', async () => {
    const docs = documents(tenantPages());
    const validator = createValidator({ ...base(docs), authority: `${LOGIN}/${TENANT}` });
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    expect(docs.asked).toEqual([
      `${LOGIN}/${TENANT}${WELL_KNOWN}`,
      `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`,
      `${LOGIN}/${TENANT}/discovery/v2.0/keys`,
    ]);
  });

  it('fetch is the global one of the moment, and warnings go to the console, where nothing is said', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [KEY.jwk, { kty: 'EC' }] });
    vi.stubGlobal('fetch', docs.fetch);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => {
      vi.unstubAllGlobals();
      warn.mockRestore();
    });
    const validator = createValidator({ tenantId: TENANT, clientId: API, now: () => NOW });
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    expect(warn.mock.calls.join()).toContain('key 2: type EC');
    validator.close();
  });
});

it('v1 tokens of an authority that was given by its v1 URL need no other metadata', async () => {
  const docs = documents(tenantPages());
  const validator = createValidator({ ...base(docs), authority: `${LOGIN}/${TENANT}` });
  const token = signed(userClaims({ iss: v1Issuer(TENANT), ver: '1.0', aud: `api://${API}` }));
  expect(await outcomeOf(validator, token)).toBe('accepted');
});

describe('the realm of a challenge', () => {
  it("an authority's tenant is what its metadata said, and the realm of its answers", async () => {
    const docs = documents(tenantPages());
    const guard = createGuard({ ...base(docs), authority: `${LOGIN}/${TENANT}/v2.0` });
    const challenge = async (): Promise<string | undefined> => {
      const error = await guard.authenticate({ headers: {} }).catch((reason: unknown) => reason);
      return guard.toHttp(error).headers['WWW-Authenticate'];
    };
    expect(await challenge()).toBe('Bearer realm=""');
    await guard.authenticate({ headers: { authorization: `Bearer ${signed(userClaims())}` } });
    expect(await challenge()).toBe(`Bearer realm="${TENANT}"`);
    expect((await refusalOf(guard.validator, tokenOf(OTHER_TENANT))).message).toContain(
      `expected "${TENANT}"`,
    );
  });

  it('names no realm where many tenants are accepted', () => {
    const guard = createGuard({ ...base(documents({})), tenants: [TENANT, OTHER_TENANT] });
    expect(
      guard.toHttp(new PermissionError({ code: 'no_requirement', message: '', hint: '' })).headers,
    ).toEqual(expect.objectContaining({ 'WWW-Authenticate': expect.stringContaining('realm=""') }));
  });
});
