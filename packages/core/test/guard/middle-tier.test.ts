import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  API,
  documents,
  type Json,
  KEY,
  LOGIN,
  NOW,
  OTHER_TENANT,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import {
  callerTokenOf,
  claimsStepUp,
  DownstreamError,
  isTicketRevoked,
  middleTierOf,
  ticketSubject,
} from '../../src/downstream.js';
import {
  type AuthContext,
  createGuard,
  createValidator,
  memoryRevocations,
  type RequestLike,
  StepUpError,
  toHttp,
  type Validator,
} from '../../src/index.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';

const BOB = 'bbbbbbbb-0000-1111-2222-bbbbbbbbbbbb';
const ada = signed(userClaims());
const bob = signed(userClaims({ oid: BOB, sub: 'FAKE-pairwise-sub-of-bob', uti: 'FAKEuti-of-bob' }));
const daemon = signed(
  userClaims({ scp: undefined, roles: ['Orders.Read.All'], idtyp: 'app', sub: ADA, oid: ADA }),
);

type Bearing = RequestLike & { readonly headers: Record<string, string | undefined> };
const bearing = (token: string): Bearing => ({ headers: { authorization: `Bearer ${token}` } });

function thrownBy(act: () => unknown): { readonly code?: string; readonly status?: number } {
  try {
    act();
  } catch (error) {
    return error as object;
  }
  throw new Error('nothing was thrown');
}

describe('the token that is exchanged', () => {
  it.each([1, 3])('is the one that the guard accepted for this very request, at its use %i', async (uses) => {
    const guard = createGuard(contoso());
    for (let use = 1; use < uses; use++) await guard.authenticate(bearing(ada));
    const request = bearing(ada);
    const auth = await guard.authenticate(request);
    expect(callerTokenOf(guard, request)).toEqual({ auth, token: ada });
  });

  it.each<[string, (headers: Bearing['headers']) => void]>([
    [
      "is another user's valid token",
      (headers) => Object.assign(headers, { authorization: `Bearer ${bob}` }),
    ],
    ['is gone', (headers) => delete headers.authorization],
    ['is broken', (headers) => Object.assign(headers, { authorization: 'Bearer' })],
  ])('is refused where what the request has now %s', async (_, change) => {
    const guard = createGuard(contoso());
    const request = bearing(ada);
    await guard.authenticate(request);
    change(request.headers);
    const error = thrownBy(() => callerTokenOf(guard, request));
    expect(DownstreamError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'caller_token_changed', status: 500 });
    expect(JSON.stringify(error)).not.toContain('eyJ');
  });

  it('is refused where no guard has judged the request, whatever its header', async () => {
    const guard = createGuard(contoso());
    expect(thrownBy(() => callerTokenOf(guard, bearing(ada))).code).toBe('configuration_invalid');
    const other = bearing(ada);
    await createGuard(contoso()).authenticate(other);
    expect(thrownBy(() => callerTokenOf(guard, other)).code).toBe('configuration_invalid');
  });

  it('is refused for a stand-in, which has no token', async () => {
    const guard = standInGuard(testAuth({ kind: 'user', scopes: ['Orders.Read'] }));
    const request = { headers: {} };
    await guard.authenticate(request);
    expect(thrownBy(() => callerTokenOf(guard, request)).code).toBe('configuration_invalid');
  });

  it('is refused for an app-only caller', async () => {
    const guard = createGuard(contoso());
    const request = bearing(daemon);
    await guard.authenticate(request);
    expect(thrownBy(() => callerTokenOf(guard, request))).toMatchObject({
      code: 'caller_kind_not_allowed',
      status: 403,
    });
  });

  it.each([
    ['has expired meanwhile', (auth: AuthContext) => auth.expiresAt, 'token_expired'],
    ['is judged by a broken clock', () => Number.NaN, 'token_expired'],
  ])('is refused where it %s', async (_, time, code) => {
    let now = NOW;
    const guard = createGuard(contoso({ now: () => now }));
    const request = bearing(ada);
    const auth = await guard.authenticate(request);
    now = time(auth);
    expect(thrownBy(() => callerTokenOf(guard, request)).code).toBe(code);
    now = auth.expiresAt - 1;
    expect(callerTokenOf(guard, request).auth).toBe(auth);
  });

  it('is refused once access was revoked, within the same request', async () => {
    const revocations = memoryRevocations({ now: () => NOW, oneProcess: true });
    const guard = createGuard({ ...contoso(), revocations });
    const request = bearing(ada);
    await guard.authenticate(request);
    expect(callerTokenOf(guard, request).token).toBe(ada);
    await revocations.revoke({ user: ADA, tenantId: TENANT }, { because: 'left the company' });
    expect(thrownBy(() => callerTokenOf(guard, request)).code).toBe('token_revoked');
  });
});

describe('where an API gets tokens for other APIs', () => {
  const tokenUrl = (name: string) => `${LOGIN}/${name}/oauth2/v2.0/token`;
  const page = (tenant: string) => `${LOGIN}/${tenant}/v2.0${WELL_KNOWN}`;
  const pages = (tenant: string, token_endpoint?: string) => ({
    ...tenantPages(tenant),
    [page(tenant)]: { ...(tenantPages(tenant)[page(tenant)] as object), token_endpoint },
  });

  it('is the endpoint of the tenant, from its metadata', async () => {
    const docs = documents(pages(TENANT, tokenUrl(TENANT)));
    const { authorities } = middleTierOf(createGuard(contoso({ fetch: docs.fetch })));
    expect(authorities).toMatchObject([{ clientId: API, isB2c: false, severalTenants: false }]);
    expect(await authorities[0]?.tokenUrl(TENANT)).toBe(tokenUrl(TENANT));
    expect(await authorities[0]?.accepts(TENANT)).toBe(true);
    expect(await authorities[0]?.accepts(OTHER_TENANT)).toBe(false);
  });

  it('is that of each tenant where several are accepted', async () => {
    const docs = documents({
      ...pages(TENANT, tokenUrl(TENANT)),
      ...pages(OTHER_TENANT, tokenUrl(OTHER_TENANT)),
    });
    const common = { clientId: API, fetch: docs.fetch, now: () => NOW, log: false } as const;
    const [list] = middleTierOf(createGuard({ ...common, tenants: [TENANT, OTHER_TENANT] })).authorities;
    expect(list?.severalTenants).toBe(true);
    expect(await list?.tokenUrl(OTHER_TENANT)).toBe(tokenUrl(OTHER_TENANT));
  });

  it.each([
    ['any-organization', 'organizations'],
    [async () => true, 'common'],
  ] as const)("is the tenant's where %s shares metadata", async (tenants, alias) => {
    const docs = documents({
      [page(alias)]: {
        issuer: v2Issuer('{tenantid}'),
        jwks_uri: `${LOGIN}/common/discovery/v2.0/keys`,
        token_endpoint: tokenUrl(alias),
      },
      [`${LOGIN}/common/discovery/v2.0/keys`]: { keys: [KEY.jwk] },
    });
    const options = { clientId: API, fetch: docs.fetch, now: () => NOW, log: false, tenants } as const;
    const [any] = middleTierOf(createGuard(options)).authorities;
    expect(await any?.tokenUrl(TENANT)).toBe(tokenUrl(TENANT));
    expect(await any?.accepts(TENANT)).toBe(true);
  });

  it('is an error where the metadata names none', async () => {
    const docs = documents(pages(TENANT));
    const [authority] = middleTierOf(createGuard(contoso({ fetch: docs.fetch }))).authorities;
    await expect(authority?.tokenUrl(TENANT)).rejects.toMatchObject({ code: 'configuration_invalid' });
  });

  it('is that of the authority which accepted the caller', async () => {
    const own = {
      clientId: API,
      fetch: documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) }).fetch,
    } as const;
    const at = { ...own, now: () => NOW, log: false } as const;
    const guard = createGuard({
      authorities: [
        { ...at, tenantId: OTHER_TENANT },
        { ...at, tenantId: TENANT },
      ],
    });
    const tier = middleTierOf(guard);
    const auth = await guard.authenticate(bearing(ada));
    expect(tier.authorityOf(auth)).toBe(tier.authorities[1]);
    expect(tier.authorityOf(testAuth({ kind: 'user', scopes: ['Orders.Read'] }))).toBeUndefined();
  });

  it.each([undefined, null, 'guard', {}])('is an error without a guard: %s', (guard) => {
    expect(thrownBy(() => middleTierOf(guard)).code).toBe('configuration_invalid');
  });

  it('is unknown for a validator of another maker', () => {
    const own = createValidator(contoso());
    const validator = { ...own, validate: (token: string) => own.validate(token) } as Validator;
    expect(middleTierOf(createGuard({ validator })).authorities).toEqual([]);
  });
});

describe('what Entra demands before another API is called', () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const callerWith = async (changes: Json) =>
    createGuard(contoso()).authenticate(bearing(signed(userClaims(changes))));

  it.each([{}, { xms_cc: ['CP1'] }])(
    'is a challenge for a client that may answer one: %o',
    async (changes) => {
      const error = claimsStepUp(await callerWith(changes), claims);
      expect(StepUpError.is(error)).toBe(true);
      const { status, headers } = toHttp(error);
      expect(status).toBe(401);
      expect(headers['WWW-Authenticate']).toBe(
        `Bearer realm="", authorization_uri="${LOGIN}/common/oauth2/authorize", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`,
      );
    },
  );

  it('is a 403 for an AI agent that is the caller itself, which can not sign in more strongly', async () => {
    const agent = { xms_act_fct: '11', xms_cc: ['cp1'] };
    const error = claimsStepUp(await callerWith({ ...agent, xms_sub_fct: '13' }), claims);
    expect(error).toMatchObject({ code: 'downstream_step_up_required', status: 403 });
    expect(toHttp(error).headers['WWW-Authenticate']).not.toContain('claims=');
    expect(claimsStepUp(await callerWith({ ...agent, xms_sub_fct: '1' }), claims).status).toBe(401);
  });

  it('is a 403 for a client that can not, and for what only inherits from a context', async () => {
    const error = claimsStepUp(await callerWith({ xms_cc: ['other'] }), claims);
    expect(error).toMatchObject({ code: 'downstream_step_up_required', status: 403 });
    expect(claimsStepUp(Object.create(await callerWith({})) as AuthContext, claims).status).toBe(403);
  });
});

describe('what a ticket keeps of its user', () => {
  const kept = async (changes: Json = {}) => {
    const guard = createGuard(contoso());
    const auth = await guard.authenticate(bearing(signed(userClaims({ sid: 'FAKE-sid', ...changes }))));
    return JSON.parse(JSON.stringify(ticketSubject(auth)));
  };

  it('holds identifiers and times, and nothing of what the user may do', async () => {
    const subject = await kept({ roles: ['Orders.Admin'], groups: [BOB] });
    expect(subject).toMatchObject({ tenantId: TENANT, claims: { oid: ADA, sid: 'FAKE-sid' } });
    expect(JSON.stringify(subject)).not.toMatch(/Orders|scp|roles|groups|name/);
  });

  it.each<[string, Parameters<ReturnType<typeof memoryRevocations>['revoke']>]>([
    ['the user', [{ user: ADA, tenantId: TENANT }, { because: 'left' }]],
    [
      'the user, by a cutoff',
      [
        { user: ADA, tenantId: TENANT },
        { because: 'lost', issuedBefore: NOW },
      ],
    ],
    ['the session', [{ session: 'FAKE-sid', tenantId: TENANT }, { because: 'lost' }]],
    ['the tenant', [{ tenant: TENANT }, { because: 'offboarded' }]],
    ['everyone', ['everyone', { because: 'keys lost', issuedBefore: NOW }]],
  ])('is found by a record of %s', async (_, [target, options]) => {
    const revocations = memoryRevocations({ now: () => NOW, oneProcess: true });
    const subject = await kept();
    expect(isTicketRevoked(subject, revocations, NOW, NOW)).toBe(false);
    await revocations.revoke(target, options);
    expect(isTicketRevoked(subject, revocations, NOW, NOW)).toBe(true);
  });

  it.each<[string, (subject: { claims: Json }) => unknown]>([
    ['text', () => 'x'],
    ['a list', () => []],
    ['no tenant', (subject) => ({ ...subject, tenantId: undefined })],
    ['no client', (subject) => ({ ...subject, clientId: 1 })],
    ['no claims', (subject) => ({ ...subject, claims: [] })],
    ['no issuer', (subject) => ({ ...subject, claims: { ...subject.claims, iss: undefined } })],
  ])('counts as revoked if it is %s', async (_, change) => {
    const revocations = memoryRevocations({ now: () => NOW, oneProcess: true });
    expect(isTicketRevoked(change(await kept()), revocations, NOW, NOW)).toBe(true);
  });

  it('counts as revoked once a record may have come and gone since it was asked about', async () => {
    const revocations = memoryRevocations({ now: () => NOW, longestToken: '1h', oneProcess: true });
    const subject = await kept();
    const kept1h = (3600 + 600) * 1000;
    expect(isTicketRevoked(subject, revocations, NOW - kept1h + 1, NOW)).toBe(false);
    for (const askedAt of [NOW - kept1h, Number.NaN])
      expect(isTicketRevoked(subject, revocations, askedAt, NOW)).toBe(true);
  });

  it('can not be told while the store fails', async () => {
    const failing = {
      longestToken: 3600,
      find: () => {
        throw new Error('down');
      },
    } as never;
    const subject = await kept();
    expect(thrownBy(() => isTicketRevoked(subject, failing, NOW, NOW)).code).toBe('revocations_unavailable');
  });
});
