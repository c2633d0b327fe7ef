import {
  annotateSpans,
  appOnly,
  appPermissions,
  authenticated,
  createGuard,
  createValidator,
  type DecisionEvent,
  delegated,
  explain,
  type Finding,
  logDecisionsTo,
  onDecision,
  PermissionError,
  scopes,
  toHttp,
  type ValidatorOptions,
} from '@entra-guard/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  Answer,
  API,
  type Documents,
  documents,
  type Json,
  KEY,
  LOGIN,
  NOW,
  OTHER_TENANT,
  SPA,
  STRANGER,
  sharedPages,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v1Issuer,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
const base = (docs: Documents) => ({ clientId: API, fetch: docs.fetch, now: () => NOW, log: false }) as const;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const listTenants = [...'abcdef'].map((digit) => TENANT.replace(/^a{4}/, digit.repeat(4)));
const metadataOf = (tenant: string): string => `${LOGIN}/${tenant}/v2.0${WELL_KNOWN}`;

const b2cTenant = 'ddddeeee-3333-ffff-4444-aaaa5555bbbb';
const b2cHost = 'https://contosob2c.b2clogin.com';
const b2cAuthority = `${b2cHost}/contosob2c.onmicrosoft.com/v2.0${WELL_KNOWN}?p=B2C_1_signin`;
const b2cIssuer = `${b2cHost}/${b2cTenant}/v2.0/`;
const b2cPage = { issuer: b2cIssuer, jwks_uri: `${b2cHost}/keys` };
const b2cDocs = (): Documents =>
  documents({
    [b2cAuthority]: b2cPage,
    [b2cAuthority.replace('signin', 'edit')]: b2cPage,
    [`${b2cHost}/keys`]: { keys: [KEY.jwk] },
  });
const b2cClaims = (changes: Json = {}): Json => ({
  iss: b2cIssuer,
  exp: NOW / 1000 + 3600,
  aud: API,
  sub: 'subject-of-ada',
  tfp: 'B2C_1_signin',
  scp: 'Orders.Read',
  azp: SPA,
  ...changes,
});

describe('ready() loads what is known to be needed', () => {
  it.each<[string, Documents, Partial<ValidatorOptions>, string[]]>([
    [
      "of a list, each tenant's metadata",
      documents(Object.assign({}, ...listTenants.map((tenant) => tenantPages(tenant)))),
      { tenants: listTenants },
      listTenants.map(metadataOf),
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
      b2cDocs(),
      { authority: b2cAuthority, policies: ['B2C_1_signin', 'B2C_1_edit'] },
      [b2cAuthority, b2cAuthority.replace('signin', 'edit')],
    ],
  ])('%s', async (_, docs, tenancy, urls) => {
    const validator = createValidator({ ...base(docs), ...tenancy } as ValidatorOptions);
    await validator.ready();
    const metadata = docs.asked.filter((url) => url.includes(WELL_KNOWN));
    expect(new Set(metadata)).toEqual(new Set(urls));
    expect(validator.state().keyIds).toEqual([KEY.kid]);
    validator.close();
    await expect(validator.ready()).rejects.toMatchObject({ code: 'keys_unavailable', status: 503 });
  });
});

describe('what a refusal tells operators of the tenants that are accepted', () => {
  const foreign = signed(userClaims({ iss: 'https://evil.example/v2.0' }));
  const elsewhere = signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT }));

  it.each<[string, Partial<ValidatorOptions>, string, string]>([
    ['many tenants by their number', { tenants: listTenants }, elsewhere, 'one of 6 tenants'],
    ['a function', { tenants: () => true }, foreign, 'a tenant that the tenants function accepts'],
    ['any organisation', { tenants: 'any-organization' }, foreign, 'the tenant of an organisation'],
  ])('%s', async (_, tenancy, token, expected) => {
    const validator = createValidator({ ...base(documents({})), ...tenancy } as ValidatorOptions);
    const error = await refusalOf(validator, token);
    expect(error.explanation).toContain(expected);
  });

  it("an authority's tenant is what its metadata said, and the realm of its answers", async () => {
    const docs = documents(tenantPages());
    const guard = createGuard({ ...base(docs), authority: `${LOGIN}/${TENANT}/v2.0` });
    const challenge = async (): Promise<string | undefined> => {
      const error = await guard.authenticate({ headers: {} }).catch((reason: unknown) => reason);
      return guard.toHttp(error).headers['WWW-Authenticate'];
    };
    expect(await challenge()).toBe('Bearer realm=""');
    await guard.authenticate(bearer(signed(userClaims())));
    expect(await challenge()).toBe(`Bearer realm="${TENANT}"`);
    expect((await refusalOf(guard.validator, elsewhere)).message).toContain(`expected "${TENANT}"`);
  });

  it('a realm is named to nobody where many tenants are accepted', () => {
    const guard = createGuard({ ...base(documents({})), tenants: listTenants });
    expect(
      guard.toHttp(new PermissionError({ code: 'no_requirement', message: '', hint: '' })).headers,
    ).toEqual(expect.objectContaining({ 'WWW-Authenticate': expect.stringContaining('realm=""') }));
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
    docs.pages.set(metadataOf(TENANT), { issuer: v2Issuer(TENANT), jwks_uri: 'https://localhost/keys' });
    docs.pages.set('https://localhost/keys', { keys: [KEY.jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('keys_unavailable');
  });

  it('v2 tokens of an authority that was given by its v1 URL are read by the metadata beside it', async () => {
    const docs = documents(tenantPages());
    const validator = createValidator({ ...base(docs), authority: `${LOGIN}/${TENANT}` });
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    expect(docs.asked).toEqual([`${LOGIN}/${TENANT}${WELL_KNOWN}`, metadataOf(TENANT), KEYS]);
  });

  it('fetch is the global one of the moment, and warnings go to the console, where nothing is said', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(KEYS, { keys: [KEY.jwk, { kty: 'EC' }] });
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

describe('unknown keys', () => {
  it('a token that looks like an ID token is told so', async () => {
    const error = await refusalOf(singleTenant(), signed(userClaims({ nonce: 'n' }), {}, { key: STRANGER }));
    expect(error).toMatchObject({ code: 'signing_key_not_found' });
    expect(error.hint).toContain('looks like an ID token');
  });

  it('a token older than the keys is refused even where they run out while it waits', async () => {
    let now = NOW;
    const docs = documents(tenantPages());
    const validator = singleTenant({ now: () => now }, docs);
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    docs.pages.set(
      KEYS,
      new Answer(() => {
        now += 90_000_000;
        return new Response('', { status: 503 });
      }),
    );
    const iat = NOW / 1000 - 3600;
    const old = signed(userClaims({ iat: Math.floor(iat), nbf: undefined }), {}, { key: STRANGER });
    expect(await outcomeOf(validator, old)).toBe('signing_key_not_found');
  });

  it('a signature of three characters too many bits is not canonical', async () => {
    const [header, payload] = signed(userClaims()).split('.');
    expect(await outcomeOf(singleTenant(), `${header}.${payload}.AAB`)).toBe('token_malformed');
    expect(await outcomeOf(singleTenant(), `${header}.${payload}.AAA`)).toBe('signature_invalid');
  });
});

describe('explain', () => {
  const docs = documents(tenantPages());
  const single = { tenantId: TENANT, clientId: API, fetch: docs.fetch, now: () => NOW };
  const requirement = scopes('Orders.Read');
  const of = (findings: readonly Finding[], check: string): Finding | undefined =>
    findings.find((finding) => finding.check === check);

  it('says that a key serves others only', async () => {
    const other = documents(tenantPages());
    other.pages.set(KEYS, { keys: [{ ...KEY.jwk, alg: 'RS256' }] });
    const api: ValidatorOptions = { ...single, fetch: other.fetch, algorithms: ['RS256', 'PS256'] };
    expect(of(await explain(signed(userClaims()), api), 'signature')).toMatchObject({ ok: true });
    const findings = await explain(signed(userClaims(), {}, { by: 'PS256' }), api);
    expect(of(findings, 'signing_key')).toMatchObject({ ok: false, code: 'signing_key_not_found' });
    expect(of(findings, 'signing_key')?.found).toContain('another issuer or algorithm');
  });

  it('judges no requirement by a token of no known kind', async () => {
    const findings = await explain(signed(userClaims({ scp: undefined })), single, { requirement });
    expect(of(findings, 'kind')).toMatchObject({ ok: false, code: 'token_kind_unknown' });
    expect(of(findings, 'requirement')).toMatchObject({
      ok: undefined,
      hint: 'The token has to be right first.',
    });
  });

  it('of several authorities it is the nearest one that explains, whichever stands first', async () => {
    const far = { ...single, tenantId: OTHER_TENANT };
    for (const list of [
      [single, far],
      [far, single],
    ]) {
      const findings = await explain(signed(userClaims()), list);
      expect(findings.every(({ ok }) => ok)).toBe(true);
    }
  });

  it('judges a B2C token, which names no tenant, and one without a policy', async () => {
    const api = { ...base(b2cDocs()), authority: b2cAuthority };
    const findings = await explain(signed(b2cClaims()), api, { requirement });
    expect(findings.every(({ ok }) => ok)).toBe(true);
    const without = await explain(signed(b2cClaims({ tfp: undefined })), api);
    expect(of(without, 'policy')).toMatchObject({ ok: false, code: 'policy_not_accepted' });
    expect(of(without, 'signature')).toMatchObject({ ok: true });
  });

  it('tells a daemon of a B2C tenant from a user', async () => {
    const api = { ...base(b2cDocs()), authority: b2cAuthority, appClients: [SPA] };
    expect(of(await explain(signed(b2cClaims()), api), 'kind')?.found).toBe('an app-only token');
  });

  it("a failure of the application's own clock is not taken for one of the authority", async () => {
    let calls = 0;
    const now = (): number => {
      if (calls++ > 0) throw new RangeError('the clock is broken');
      return NOW;
    };
    await expect(explain(signed(userClaims()), { ...single, now })).rejects.toThrow('the clock is broken');
  });
});

describe('guards and their events', () => {
  const guard = createGuard({ ...base(documents(tenantPages())), tenantId: TENANT });

  it('an event of a token without iat names no time of issue, and no handler where none was named', async () => {
    const events: DecisionEvent[] = [];
    const lines: string[] = [];
    const attributes: object[] = [];
    const line = (_: object, message: string) => lines.push(message);
    const span = { setAttributes: (given: object) => attributes.push(given) };
    const stops = [
      onDecision((event) => events.push(event)),
      logDecisionsTo({ info: line, warn: line, error: line }),
      annotateSpans({ getActiveSpan: () => span }),
    ];
    await guard.authenticate(bearer(signed(userClaims({ iat: undefined, nbf: undefined }))));
    for (const stop of stops) stop();
    expect(events[0]?.token).toMatchObject({ issuedAt: undefined, expiresAt: expect.any(Number) });
    expect(events[0]).not.toHaveProperty('handler');
    expect(lines).toEqual(['entra-guard: allow']);
    expect(attributes).toEqual([{ 'entra_guard.outcome': 'allow', 'entra_guard.kind': 'user' }]);
  });

  it('a B2C user without an object ID is named in a span by tenant and subject', async () => {
    const b2c = createGuard({ ...base(b2cDocs()), authority: b2cAuthority });
    const attributes: Record<string, unknown>[] = [];
    const span = { setAttributes: (given: Record<string, unknown>) => attributes.push(given) };
    const stop = annotateSpans({ getActiveSpan: () => span }, { user: true });
    const auth = await b2c.authenticate(bearer(signed(b2cClaims())));
    stop();
    expect(auth.subjectKey).toContain('/sub/subject-of-ada');
    expect(attributes[0]).toMatchObject({ 'enduser.id': auth.subjectKey });
  });

  it('a logger that throws something that is no error is reported all the same', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const fail = () => {
      throw 'disk full';
    };
    const stop = logDecisionsTo({ info: fail, warn: fail, error: fail });
    await guard.authenticate(bearer(signed(userClaims())));
    stop();
    expect(warn.mock.calls[0]?.[0]).toContain('loses audit events: disk full');
  });

  it('correlationId has to be a function', () => {
    const given = { ...base(documents({})), tenantId: TENANT, correlationId: 'x-request-id' };
    expect(() => createGuard(given as never)).toThrow('correlationId is x-request-id.');
  });

  it('warns of a requirement that leaves the scope open, with the handler where one is named', () => {
    const log = vi.fn();
    const loud = createGuard({ ...base(documents({})), tenantId: TENANT, log });
    loud.declare(authenticated());
    loud.declare(authenticated(), 'GET /orders');
    const entries = log.mock.calls.map(([entry]) => entry as { handler?: string });
    expect(entries.map(({ handler }) => handler)).toEqual([undefined, 'GET /orders']);
  });

  it("a failure of somebody else's validator is passed on as it is, and lets nobody in", async () => {
    const events: DecisionEvent[] = [];
    onTestFinished(onDecision((event) => events.push(event)));
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    const broken = { ...guard.validator, validate: () => Promise.reject(new TypeError('not ours')) };
    const foreign = createGuard({ validator: broken as never });
    await expect(foreign.authenticate(bearer('x'))).rejects.toThrow(TypeError);
    expect(events.filter(({ outcome }) => outcome === 'allow')).toEqual([]);
  });

  it('a request that is none is refused, and the log names handler and owner', async () => {
    const log = vi.fn();
    const owned = createGuard({
      ...base(documents({})),
      tenantId: TENANT,
      log,
      owner: { team: 'orders' },
    });
    await expect(owned.authenticate(undefined as never, { handler: 'GET /orders' })).rejects.toThrow();
    expect(log.mock.calls[0]?.[0]).toMatchObject({ handler: 'GET /orders', owner: 'orders' });
  });

  it('options that are no object are refused', () => {
    expect(() => createGuard(undefined as never)).toThrow('The options are undefined.');
    expect(() => createGuard('contoso' as never)).toThrow('The options are a string of 7 characters.');
  });

  it('a token in the place of the options is not repeated', async () => {
    const token = signed(userClaims());
    const inPlaceOfOptions: readonly (() => unknown)[] = [
      () => createGuard(token as never),
      () => createValidator(token as never),
      () => explain({ tenantId: TENANT, clientId: API } as never, token as never),
    ];
    for (const call of inPlaceOfOptions) {
      const error = await Promise.resolve()
        .then(call)
        .catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(`The options are a string of ${token.length} characters.`);
      expect(String(error)).not.toContain(token.slice(0, 20));
    }
  });

  it('a secret in the place of the tenant is not repeated', () => {
    const tenantId = 'abc8Q~FAKE-secret-of-the-orders-api-0123';
    const build = () => createValidator({ ...base(documents({})), tenantId });
    expect(build).toThrow('tenantId looks like a client secret.');
    expect(build).not.toThrow(tenantId);
  });

  it("an application permission is named as the token's roles hold it", () => {
    expect(() => appPermissions('https://api.contoso.com/Orders.Read.All')).toThrow(
      "Write appPermissions('Orders.Read.All').",
    );
  });

  it('what only narrows says nothing of scopes', () => {
    expect([delegated(), appOnly()].map(({ leavesScopeOpen }) => leavesScopeOpen)).toEqual([false, false]);
  });

  it('what a hook threw is in the log, even where it is no error', async () => {
    const log = vi.fn();
    const hooked = createGuard({
      ...base(documents(tenantPages())),
      tenantId: TENANT,
      log,
      isRevoked: () => {
        throw 'redis down';
      },
    });
    await expect(hooked.authenticate(bearer(signed(userClaims())))).rejects.toMatchObject({ status: 503 });
    expect(log.mock.calls[0]?.[0]).toMatchObject({ code: 'hook_failed', cause: 'redis down' });
  });

  it.each([
    [403, 'Forbidden'],
    [451, 'Error'],
  ])('a refusal with status %i and a claim that lacks says so', (status, title) => {
    const facts = { code: 'guest_not_allowed', message: 'm', hint: 'h', claim: 'acct', status } as const;
    expect(toHttp(new PermissionError(facts)).body).toMatchObject({
      status,
      title,
      claim: 'acct',
      detail: expect.stringContaining('does not carry the claim acct.'),
    });
  });
});

it('v1 tokens of an authority that was given by its v1 URL need no other metadata', async () => {
  const docs = documents(tenantPages());
  const validator = createValidator({ ...base(docs), authority: `${LOGIN}/${TENANT}` });
  const token = signed(userClaims({ iss: v1Issuer(TENANT), ver: '1.0', aud: `api://${API}` }));
  expect(await outcomeOf(validator, token)).toBe('accepted');
});
