import { describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  API,
  appClaims,
  forged,
  NOW,
  OTHER_API,
  OTHER_TENANT,
  ofTenant,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import type { DecisionPlace } from '../../src/audit/decision-place.js';
import type { Guard } from '../../src/guard/guard-contract.js';
import type { GuardOptions } from '../../src/guard/guard-options.js';
import {
  type AuthContext,
  allOf,
  anonymous,
  anyOf,
  appOnly,
  appPermissions,
  authContext,
  check,
  clients,
  createGuard,
  createValidator,
  type DecisionEvent,
  delegated,
  eventChannelName,
  type Grant,
  inTenants,
  type LogEntry,
  members,
  noAgents,
  onEvent,
  type RequestLike,
  type Requirement,
  scopes,
  signedInWithin,
  TokenError,
  userRoles,
  type ValidatorOptions,
} from '../../src/index.js';
import type { Validator } from '../../src/token/validator-contract.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const url = 'https://api.contoso.example/orders';
const bearing = (token: string): Request =>
  new Request(url, { headers: { Authorization: `Bearer ${token}` } });
const without = (): Request => new Request(url);
const read = scopes('Orders.Read');

describe('the recipe for Hono, Next.js and Azure Functions', () => {
  const guard = createGuard(contoso());

  async function handle(request: Request): Promise<Response> {
    try {
      const auth = await guard.require(request, read, { handler: 'GET /orders' });
      return Response.json({ ordersOf: auth?.objectId });
    } catch (error) {
      const { status, headers, body } = guard.toHttp(error);
      return Response.json(body, { status, headers });
    }
  }

  it('answers a caller with the scope', async () => {
    const response = await handle(bearing(signed(userClaims())));
    expect([response.status, await response.json()]).toEqual([200, { ordersOf: ADA }]);
  });

  it.each<[string, () => Request, number, string]>([
    ['no token', without, 401, `Bearer realm="${TENANT}"`],
    [
      'a broken header',
      () => new Request(url, { headers: { Authorization: 'Bearer' } }),
      400,
      'invalid_request',
    ],
    [
      'an expired token',
      () => bearing(signed(userClaims({ exp: 1_700_000_000, nbf: 1, iat: 1 }))),
      401,
      'has expired',
    ],
    ['a forged token', () => bearing(forged(userClaims())), 401, 'signature does not hold'],
    [
      'no scope',
      () => bearing(signed(userClaims({ scp: 'Profile.Read' }))),
      403,
      `scope="api://${API}/Orders.Read"`,
    ],
    ['an app without a user', () => bearing(signed(appClaims())), 403, 'insufficient_scope'],
  ])('and refuses %s', async (_, request, status, challenge) => {
    const response = await handle(request());
    expect(response.status).toBe(status);
    expect(response.headers.get('WWW-Authenticate')).toContain(challenge);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ status });
  });

  it('with 503 while Entra cannot be reached', async () => {
    const cut = createGuard(contoso({ fetch: () => Promise.reject(new TypeError('fetch failed')) }));
    const error = await refusalOf(cut.require(bearing(signed(userClaims())), read));
    const { status, headers } = cut.toHttp(error);
    expect([status, headers['WWW-Authenticate']]).toEqual([503, undefined]);
    expect(Number(headers['Retry-After'])).toBeGreaterThanOrEqual(1);
  });
});

describe('optional authentication', () => {
  const guard = createGuard(contoso());
  const optionally = (request: Request): Promise<AuthContext | undefined> =>
    guard.authenticate(request, { optional: true });

  it('gives the caller where there is one', async () => {
    await expect(optionally(bearing(signed(userClaims())))).resolves.toMatchObject({ objectId: ADA });
  });

  it.each<[string, Request]>([
    ['no credentials', without()],
    ['credentials of another scheme', new Request(url, { headers: { Authorization: 'Basic YTpi' } })],
  ])('gives no caller for %s', async (_, request) => {
    await expect(optionally(request)).resolves.toBeUndefined();
    expect(guard.authOf(request)).toBeUndefined();
  });

  it.each<[string, Request, number]>([
    ['a forged token', bearing(forged(userClaims())), 401],
    ['no JWT', bearing('abc'), 401],
    ['an expired token', bearing(signed(userClaims({ exp: 1_700_000_000, nbf: 1, iat: 1 }))), 401],
    ['a broken header', new Request(url, { headers: { Authorization: 'Bearer a b' } }), 400],
  ])('refuses %s all the same', async (_, request, status) => {
    expect((await refusalOf(optionally(request))).status).toBe(status);
  });

  it('is a 503 while keys are down', async () => {
    const cut = createGuard(contoso({ fetch: () => Promise.reject(new TypeError('fetch failed')) }));
    const error = await refusalOf(cut.authenticate(bearing(signed(userClaims())), { optional: true }));
    expect(error.status).toBe(503);
  });

  it('has to be said', async () => {
    await expect(refusalOf(guard.authenticate(without()))).resolves.toMatchObject({
      code: 'credentials_missing',
    });
    await expect(refusalOf(guard.authenticate(without(), { optional: false }))).resolves.toMatchObject({
      status: 401,
    });
  });
});

describe('anonymous()', () => {
  it('needs no token and looks at none', async () => {
    const guard = createGuard(contoso());
    const untouchable = {
      get headers(): Headers {
        throw new Error('looked at the headers');
      },
    };
    await expect(guard.require(untouchable, anonymous())).resolves.toBeUndefined();
    await expect(guard.require(bearing(forged(userClaims())), anonymous())).resolves.toBeUndefined();
  });
});

describe('who has been authenticated for a request', () => {
  it('is known to the guard that did it, and validated once', async () => {
    const real = createValidator(contoso());
    const validate = vi.fn((token: string) => real.validate(token));
    const guard = createGuard({ validator: { ...real, validate } as Validator, explain: false });
    const request = bearing(signed(userClaims()));
    const auth = await guard.authenticate(request);
    await guard.require(request, read);
    expect(guard.authOf(request)).toBe(auth);
    expect(guard.authOf(bearing(signed(userClaims())))).toBeUndefined();
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('is not taken from another guard', async () => {
    const orders = createGuard(contoso());
    const invoices = createGuard(contoso({ clientId: OTHER_API }));
    const request = bearing(signed(userClaims()));
    await orders.authenticate(request);
    expect(invoices.authOf(request)).toBeUndefined();
    const error = await refusalOf(invoices.require(request, read));
    expect(error.code).toBe('audience_not_accepted');
  });

  it('is not taken from what another library put on the request', async () => {
    const guard = createGuard(contoso());
    const granted = { kind: 'user', scopes: new Set(['Orders.Read']), roles: new Set() };
    const request = Object.assign(without(), { auth: granted, user: granted, authInfo: granted });
    expect(guard.authOf(request)).toBeUndefined();
    expect((await refusalOf(guard.require(request, read))).code).toBe('credentials_missing');
  });

  it('stays unknown after a refused token', async () => {
    const guard = createGuard(contoso());
    const request = bearing(forged(userClaims()));
    await refusalOf(guard.authenticate(request));
    expect(guard.authOf(request)).toBeUndefined();
  });

  it('is judged anew by each requirement', async () => {
    const guard = createGuard(contoso());
    const request = bearing(signed(userClaims()));
    await guard.require(request, read);
    expect((await refusalOf(guard.require(request, scopes('Orders.Write')))).code).toBe('scope_missing');
  });
});

describe('a guard asks for a grant', () => {
  const guard = createGuard(contoso());
  const ask = (requirement: unknown): Promise<unknown> =>
    guard.require(bearing(signed(userClaims({ acct: 0 }))), requirement as Grant);

  it.each([[undefined], [null], ['Orders.Read'], [{}], [read.toJSON()], [scopes]])(
    'and refuses %s in its place',
    async (instead) => {
      expect((await refusalOf(ask(instead))).code).toBe('configuration_invalid');
    },
  );

  // Alone they would let in every caller that happens to fit: appOnly() every service principal of the tenant.
  it.each<[Requirement]>([
    [delegated()],
    [appOnly()],
    [clients(SPA)],
    [inTenants(TENANT)],
    [members()],
    [noAgents({ unknown: 'allow' })],
    [authContext('c1')],
    [signedInWithin('15m')],
    [check('owns order', () => true)],
  ])('%s alone is none', async (narrowing) => {
    expect((await refusalOf(ask(narrowing))).code).toBe('configuration_invalid');
  });

  it('a role-less app of the tenant does not come in by appOnly()', async () => {
    const job = bearing(signed(appClaims({ roles: undefined })));
    expect(
      (await refusalOf(guard.require(job, appOnly() as unknown as Grant))).status,
    ).toBeGreaterThanOrEqual(400);
  });
});

describe('a requirement that is declared ahead of the first request', () => {
  const declaring = (): { guard: Guard; log: LogEntry[] } => {
    const log: LogEntry[] = [];
    return { guard: createGuard(contoso({ log: (entry) => log.push(entry) })), log };
  };

  it.each<[Requirement]>([[read], [anonymous()], [allOf(userRoles('Clerk'), read)], [appPermissions('A')]])(
    '%s is taken in silence',
    (requirement) => {
      const { guard, log } = declaring();
      guard.declare(requirement, 'GET /orders');
      expect(log).toEqual([]);
    },
  );

  it.each<[Requirement]>([[userRoles('Clerk')], [anyOf(read, userRoles('Clerk'))]])(
    '%s gets a warning: any client of the user could act',
    (requirement) => {
      const { guard, log } = declaring();
      guard.declare(requirement, 'GET /orders');
      expect(log).toMatchObject([
        {
          level: 'warn',
          event: 'configuration',
          message: expect.stringContaining('any client'),
          hint: expect.stringContaining("scopes('…')"),
          handler: 'GET /orders',
        },
      ]);
    },
  );

  it.each([[undefined], ['Orders.Read'], [members()]])('%s is refused', (instead) => {
    expect(configurationSentence(() => declaring().guard.declare(instead))).toMatch(
      /instead of a requirement|only narrows/,
    );
  });
});

describe('a step-up', () => {
  const guard = createGuard(contoso());
  const answer = async (claims: Record<string, unknown>, requirement: Grant) =>
    guard.toHttp(await refusalOf(guard.require(bearing(signed(userClaims(claims))), requirement)));

  it('is Entra’s claims challenge, through the common endpoint', async () => {
    const { status, headers, body } = await answer({}, allOf(read, authContext('c1')));
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toBe(
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"',
    );
    expect(body).toMatchObject({ code: 'step_up_required' });
  });

  it('is a 403 to a client that cannot answer one', async () => {
    const { status, headers } = await answer({ xms_cc: ['other'] }, allOf(read, authContext('c1')));
    expect([status, headers['WWW-Authenticate']]).toEqual([
      403,
      expect.stringContaining('insufficient_scope'),
    ]);
  });

  it('goes by the clock of the guard', async () => {
    const recently = allOf(read, signedInWithin('15m'));
    const { status, headers } = await answer({ auth_time: NOW / 1000 - 901 }, recently);
    expect([status, headers['WWW-Authenticate']]).toEqual([401, expect.stringContaining('max_age="900"')]);
    const fresh = bearing(signed(userClaims({ auth_time: NOW / 1000 - 900 })));
    await expect(guard.require(fresh, recently)).resolves.toMatchObject({ kind: 'user' });
  });
});

describe('a fact that the token does not carry', () => {
  const guard = createGuard(contoso());
  it.each<[Grant, string]>([
    [allOf(read, signedInWithin('15m')), 'auth_time'],
    [allOf(read, members()), 'acct'],
    [allOf(read, noAgents()), 'xms_act_fct'],
  ])('is a 403 that names the claim, and no challenge to step up: %s', async (requirement, claim) => {
    const error = await refusalOf(guard.require(bearing(signed(userClaims())), requirement));
    const { status, headers, body } = guard.toHttp(error);
    expect(status).toBe(403);
    expect(body.claim).toBe(claim);
    expect(body.detail).toContain(`does not carry the claim ${claim}.`);
    expect(headers['WWW-Authenticate']).toMatch(/error="insufficient_scope".*does not carry the claim/);
  });

  it('is not named where it is something else that is missing', async () => {
    const error = await refusalOf(
      guard.require(bearing(signed(userClaims({ acct: 1 }))), allOf(read, members())),
    );
    expect(guard.toHttp(error).body).not.toHaveProperty('claim');
  });
});

describe('a client that has the scope, and is refused for something else', () => {
  const guard = createGuard(contoso());
  it.each<[Grant]>([
    [allOf(read, clients(API))],
    [allOf(read, inTenants(OTHER_TENANT))],
    [
      allOf(
        read,
        check('no', () => false),
      ),
    ],
  ])('is not told to ask for the scope again: %s', async (requirement) => {
    const error = await refusalOf(guard.require(bearing(signed(userClaims())), requirement));
    expect(guard.toHttp(error).headers['WWW-Authenticate']).not.toContain('scope="');
  });
});

describe('checks in a guard', () => {
  const guard = createGuard(contoso());

  it('get the request, or what the host calls its request', async () => {
    const seen: unknown[] = [];
    const requirement = allOf(
      read,
      check('sees', ({ request }) => seen.push(request) > 0),
    );
    const request = bearing(signed(userClaims()));
    const hostRequest = { params: {} };
    await guard.require(request, requirement);
    await guard.require(request, requirement, { request: hostRequest });
    expect(seen).toEqual([request, hostRequest]);
  });

  it('find the host’s providers', async () => {
    const owns = allOf(
      read,
      check('owns order', async ({ resolve }) => (await resolve('Orders')) === 'found'),
    );
    const request = bearing(signed(userClaims()));
    await expect(
      guard.require(request, owns, { resolve: async (token) => (token === 'Orders' ? 'found' : 0) }),
    ).resolves.toBeDefined();
    expect((await refusalOf(guard.require(request, owns))).code).toBe('check_failed');
  });

  it('answer 404 where they hide', async () => {
    const hidden = allOf(
      read,
      check('owns order', () => false, { otherwise: 'not-found' }),
    );
    const answer = guard.toHttp(await refusalOf(guard.require(bearing(signed(userClaims())), hidden)));
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});

describe('a handler for which nothing was declared', () => {
  it('is refused by name', () => {
    const log: LogEntry[] = [];
    const guard = createGuard(contoso({ log: (entry) => log.push(entry) }));
    const error = guard.refuse(bearing(signed(userClaims())), { handler: 'OrdersController.remove' });
    expect(error).toMatchObject({ name: 'PermissionError', code: 'no_requirement', status: 403 });
    expect(error.message).toContain('OrdersController.remove');
    expect(log).toMatchObject([
      { level: 'warn', code: 'no_requirement', handler: 'OrdersController.remove' },
    ]);
    expect(guard.refuse(without()).message).toContain('This handler');
  });
});

describe('what callers are told', () => {
  const bad = bearing(signed(userClaims({ aud: OTHER_API })));

  it('names the tenant as the realm where there is one', async () => {
    expect(createGuard(contoso()).toHttp(undefined).headers).not.toHaveProperty('WWW-Authenticate');
    const guard = createGuard(contoso());
    expect(guard.toHttp(await refusalOf(guard.authenticate(bad))).headers['WWW-Authenticate']).toContain(
      `realm="${TENANT}"`,
    );
  });

  it.each<[boolean | undefined]>([[undefined], [false], [true]])(
    'is explained only on purpose: explain %s',
    async (explain) => {
      const guard = createGuard({ ...contoso(), ...(explain === undefined ? {} : { explain }) });
      const { body } = guard.toHttp(await refusalOf(guard.authenticate(bad)));
      expect('explanation' in body && 'hint' in body).toBe(explain === true);
      expect(JSON.stringify(body).includes(OTHER_API)).toBe(explain === true);
    },
  );

  const stranger = (): string => signed(ofTenant('99999999-0000-1111-2222-333333333333', userClaims()));
  it.each<[string, GuardOptions]>([
    [
      'tenants in a list',
      { ...contoso(), tenantId: undefined, tenants: [TENANT, OTHER_TENANT] } as unknown as GuardOptions,
    ],
    ['several authorities', { authorities: [contoso(), contoso({ tenantId: OTHER_TENANT })] }],
  ])('does not tell which tenants are accepted: %s', async (_, options) => {
    const log: LogEntry[] = [];
    const sink = (entry: LogEntry): void => void log.push(entry);
    const guard = createGuard(
      'authorities' in options
        ? { authorities: options.authorities.map((one) => ({ ...one, log: sink })) }
        : { ...options, log: sink },
    );
    const answers = [];
    for (const token of [stranger(), signed(userClaims({ aud: OTHER_API })), forged(userClaims()), 'abc']) {
      const { status, headers, body } = guard.toHttp(await refusalOf(guard.authenticate(bearing(token))));
      answers.push({ status, headers, body });
    }
    const [first, second, third] = answers;
    expect(first?.body.code).toBe('token_not_accepted');
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    // Operators are told all the same.
    expect(log.map(({ code }) => code)).toEqual([
      'tenant_not_accepted',
      'audience_not_accepted',
      'signature_invalid',
      'token_malformed',
    ]);
  });

  const { tenantId: _one, ...untold } = contoso();
  it.each<[string, GuardOptions, boolean]>([
    ['one tenant', contoso(), false],
    ['a list of one tenant', { ...untold, tenants: [TENANT] }, false],
    ['a list of two', { ...untold, tenants: [TENANT, OTHER_TENANT] }, true],
    ['a function', { ...untold, tenants: () => true }, true],
    ['any organisation', { ...untold, tenants: 'any-organization' }, true],
  ])('says what is wrong only where that tells nothing of the tenants: %s', async (_, options, conceals) => {
    const guard = createGuard(options);
    const answer = guard.toHttp(await refusalOf(guard.authenticate(bad)));
    expect(answer.body.code).toBe(conceals ? 'token_not_accepted' : 'audience_not_accepted');
  });

  it('tells a verified caller of a tenant that a function declined', async () => {
    const { tenantId: _, ...common } = contoso();
    const guard = createGuard({ ...common, tenants: () => false });
    const { body } = guard.toHttp(await refusalOf(guard.authenticate(bearing(signed(userClaims())))));
    expect(body.code).toBe('tenant_not_accepted');
  });
});

describe('the log of a guard', () => {
  function logged(changes: object = {}): { guard: Guard; log: LogEntry[] } {
    const log: LogEntry[] = [];
    return { guard: createGuard({ ...contoso({ log: (entry) => log.push(entry) }), ...changes }), log };
  }

  it('says what was found, what to change, where, and who answers for it', async () => {
    const { guard, log } = logged({ owner: { team: 'Orders', contact: 'orders@contoso.example' } });
    const graph = '00000003-0000-0000-c000-000000000000';
    await refusalOf(
      guard.require(bearing(signed(userClaims({ aud: graph }))), read, { handler: 'GET /orders' }),
    );
    expect(log).toEqual([
      {
        level: 'warn',
        event: 'refused',
        code: 'audience_not_accepted',
        message: expect.stringMatching(
          /^401 audience_not_accepted: .*found "00000003-0000-0000-c000-000000000000", expected/,
        ),
        hint: expect.stringContaining('Microsoft Graph'),
        handler: 'GET /orders',
        owner: 'Orders (orders@contoso.example)',
      },
    ]);
  });

  it('names the team alone where there is no contact', async () => {
    const { guard, log } = logged({ owner: { team: 'Orders' } });
    await refusalOf(guard.authenticate(bearing('abc')));
    expect(log[0]?.owner).toBe('Orders');
  });

  it('is quiet about requests without credentials, and about what is granted', async () => {
    const { guard, log } = logged();
    await refusalOf(guard.require(without(), read));
    await guard.require(bearing(signed(userClaims())), read);
    expect(log).toEqual([]);
  });

  it('takes what is not the caller’s fault for an error', async () => {
    const { guard, log } = logged();
    const failing = allOf(
      read,
      check('owns order', () => Promise.reject(new Error('database down'))),
    );
    await refusalOf(guard.require(bearing(signed(userClaims())), failing));
    expect(log).toMatchObject([
      {
        level: 'error',
        code: 'check_failed',
        message: expect.stringContaining("check('owns order')"),
        cause: 'Error: database down',
      },
    ]);
  });

  it('has no member that says nothing', async () => {
    const { guard, log } = logged();
    await refusalOf(guard.authenticate(bearing('abc')));
    guard.declare(userRoles('Clerk'));
    await guard.close();
    await refusalOf(guard.authenticate(bearing('abc')));
    expect(log.map((entry) => Object.keys(entry))).toEqual([
      ['level', 'event', 'code', 'message', 'hint'],
      ['level', 'event', 'message', 'hint'],
      ['level', 'event', 'code', 'message', 'hint'],
    ]);
  });

  it('does not repeat what lies behind the refusal of a token: that may hold the token', async () => {
    const log: LogEntry[] = [];
    const validator = createValidator(contoso({ log: (entry) => log.push(entry) }));
    const guard = createGuard({ validator });
    const cause = new Error('bad token abc.def.ghi');
    vi.spyOn(validator, 'validate').mockRejectedValue(
      new TokenError({ code: 'token_malformed', message: 'It is not a JWT.', hint: 'Send one.', cause }),
    );
    await refusalOf(guard.authenticate(bearing('abc')));
    expect(log).toHaveLength(1);
    expect(log[0]).not.toHaveProperty('cause');
  });

  const failing = (changes: object = {}) => {
    const log: LogEntry[] = [];
    const validator = createValidator(contoso({ log: (entry) => log.push(entry), ...changes }));
    vi.spyOn(validator, 'validate').mockRejectedValue(new TypeError('no such method'));
    return { guard: createGuard({ validator }), log };
  };
  const failed = {
    level: 'error',
    event: 'refused',
    message: 'Deciding about a request failed, and it was refused.',
    hint: 'See the cause.',
    cause: 'TypeError: no such method',
  };

  it.each<[string, object, DecisionPlace, object]>([
    [
      'with all that is known',
      { owner: { team: 'Orders' } },
      { handler: 'A' },
      { handler: 'A', owner: 'Orders' },
    ],
    ['with nothing else', {}, {}, {}],
  ])('tells of a validator that breaks, %s', async (_, changes, place, more) => {
    const { guard, log } = failing(changes);
    const events: DecisionEvent[] = [];
    const end = onEvent((event) => events.push(event), { types: ['decision'] });
    await expect(guard.require(bearing(signed(userClaims())), read, place)).rejects.toThrow('no such method');
    end();
    expect(log).toStrictEqual([{ ...failed, ...more }]);
    // It was refused, and the audit trail says so; there is no code, for no rule said no.
    expect(events).toMatchObject([{ outcome: 'deny', requirement: "scopes('Orders.Read')", ...place }]);
    expect(events[0]).not.toHaveProperty('code');
  });

  it('is limited', async () => {
    const { guard, log } = logged();
    for (let sent = 0; sent < 20; sent++) await refusalOf(guard.authenticate(bearing('abc')));
    expect(log).toHaveLength(5);
  });

  const forgery = 'x\r\nentra-guard: all is well \u001b[2J\u202e';
  const oneLine = (log: readonly LogEntry[]): void => {
    expect(log).toHaveLength(1);
    for (const text of Object.values(log[0] ?? {})) expect(String(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  };

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['issuer', { iss: `https://login.microsoftonline.com/${forgery}` }, {}],
    ['audience', { aud: forgery }, {}],
    ['tenant', { tid: forgery }, {}],
    ['kind', { idtyp: forgery }, {}],
    ['algorithm', {}, { alg: forgery }],
    ['key ID', {}, { kid: forgery }],
    ['type', {}, { typ: forgery }],
    ['crit', {}, { crit: forgery }],
  ])('has one line, whatever the %s of a token says', async (_, claims, header) => {
    const { guard, log } = logged();
    await refusalOf(guard.authenticate(bearing(signed(userClaims(claims), header))));
    oneLine(log);
  });

  it('has one line, whatever the path in a handler’s name says', async () => {
    const { guard, log } = logged();
    await refusalOf(guard.authenticate(bearing('abc'), { handler: `GET /${forgery}` }));
    oneLine(log);
  });

  it('decides about nothing when it throws', async () => {
    const broken = createGuard(
      contoso({
        log: () => {
          throw new Error('disk full');
        },
      }),
    );
    expect((await refusalOf(broken.authenticate(bearing('abc')))).code).toBe('token_malformed');
    await expect(broken.require(bearing(signed(userClaims())), read)).resolves.toMatchObject({
      objectId: ADA,
    });
  });
});

describe('options of a guard', () => {
  const validator = createValidator(contoso());
  it.each<[string, Record<string, unknown>, string]>([
    ['a misspelt one', { ...contoso(), explian: true }, "'explian'"],
    ['a misspelt one with a validator', { validator, explian: true }, "'explian'"],
    ["a validator's with a validator", { validator, tenantId: OTHER_TENANT }, 'tenantId'],
    ["one authority's with several", { authorities: [contoso()], clockTolerance: 300 }, 'clockTolerance'],
    ['a validator with several authorities', { validator, authorities: [contoso()] }, 'authorities'],
    ['no authorities', { authorities: [] }, 'No authority'],
    ['explain from an environment variable', { ...contoso(), explain: 'false' }, 'explain'],
    ['one claim for audit that is not a list', { ...contoso(), auditClaims: 'acr' }, 'auditClaims'],
    ['a claim for audit without a name', { ...contoso(), auditClaims: [''] }, 'auditClaims'],
    ['an unset claim for audit', { ...contoso(), auditClaims: [undefined] }, 'auditClaims'],
    [
      'a header for the correlation ID that is not a function',
      { ...contoso(), correlationId: 'x-request-id' },
      'correlationId',
    ],
    ['no validator in its place', { validator: undefined }, 'validator'],
  ])('%s is refused', (_, options, keyWord) => {
    expect(configurationSentence(() => createGuard(options as unknown as GuardOptions))).toContain(keyWord);
  });

  it('null is refused', () => {
    expect(configurationSentence(() => createGuard(null as unknown as GuardOptions))).toContain(
      'The options are null.',
    );
  });

  it('several authorities are told apart by the issuer', async () => {
    const guard = createGuard({ authorities: [contoso(), contoso({ tenantId: OTHER_TENANT })] });
    for (const tenant of [TENANT, OTHER_TENANT]) {
      const request = bearing(signed(ofTenant(tenant, userClaims())));
      await expect(guard.require(request, anyOf(read, appPermissions('A')))).resolves.toMatchObject({
        tenantId: tenant,
      });
    }
  });

  it('the application’s validator has no realm and the real clock', async () => {
    const own: Validator = {
      applicationIdUri: 'api://orders',
      validate: (token) => validator.validate(token),
      ready: () => Promise.resolve(),
      health: () => validator.health(),
      authorizationServer: () => validator.authorizationServer(),
      state: () => validator.state(),
      snapshot: () => validator.snapshot(),
      close: () => {},
    };
    const guard = createGuard({ validator: own });
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(guard.toHttp(await refusalOf(guard.authenticate(without()))).headers['WWW-Authenticate']).toBe(
      'Bearer realm=""',
    );
    expect(guard.validator).toBe(own);
    vi.restoreAllMocks();
  });
});

it('a process that has another Promise in the place of the global one gets the same answers', async () => {
  const guard = createGuard({ ...contoso(), isRevoked: ({ tokenId }) => tokenId === 'revoked' });
  vi.stubGlobal('Promise', class Another extends Promise<unknown> {});
  try {
    for (let use = 0; use < 3; use++) {
      const request = bearing(signed(userClaims()));
      const good = await guard.require(request, read);
      expect(good.objectId).toBe(ADA);
      expect(guard.authOf(request)).toBe(good);
      const revoked = bearing(signed(userClaims({ uti: 'revoked' })));
      expect((await refusalOf(guard.authenticate(revoked))).status).toBe(401);
    }
  } finally {
    vi.unstubAllGlobals();
  }
});

describe('a token that was accepted before', () => {
  const token = signed(userClaims());
  const remembering = async (options: Pick<ValidatorOptions, 'now' | 'isRevoked'> = {}): Promise<Guard> => {
    const guard = createGuard({ ...contoso(), ...options });
    for (let use = 0; use < 3; use++) await guard.require(bearing(token), read);
    return guard;
  };
  const codeOf = async (guard: Guard, request: RequestLike): Promise<string> =>
    (await refusalOf(guard.require(request, read))).code;

  it('lets no header pass that is not exactly one token', async () => {
    const guard = await remembering();
    for (const authorization of [`Bearer ${token} `, `Bearer ${token} x`, `Bearer ${token},x`, token]) {
      expect(await codeOf(guard, { headers: { authorization } })).toMatch(/^credentials_/);
    }
    const authorization = `Bearer ${token}`;
    const rawHeaders = ['Authorization', authorization, 'Authorization', 'Bearer x'];
    expect(await codeOf(guard, { headers: { authorization }, rawHeaders })).toBe('credentials_malformed');
    expect(await codeOf(guard, { headers: { authorization: `${authorization}x` } })).toBe('token_malformed');
  });

  it('is judged by all that may have changed, at each use', async () => {
    let now = NOW;
    let isRevoked = false;
    const guard = await remembering({ now: () => now, isRevoked: () => isRevoked });
    isRevoked = true;
    expect(await codeOf(guard, bearing(token))).toBe('token_revoked');
    isRevoked = false;
    for (let use = 0; use < 3; use++) await guard.require(bearing(token), read);
    expect((await refusalOf(guard.require(bearing(token), scopes('Another')))).code).toBe('scope_missing');
    now += 24 * 3600 * 1000;
    expect(await codeOf(guard, bearing(token))).toBe('token_expired');
  });

  it('is not asked about where the guard was closed', async () => {
    const guard = await remembering();
    await guard.close();
    expect(await codeOf(guard, bearing(token))).toBe('keys_unavailable');
  });
});

describe('a closed guard', () => {
  it('decides about nothing any more', async () => {
    const guard = createGuard(contoso());
    await guard.close();
    await guard.close();
    expect((await refusalOf(guard.require(bearing(signed(userClaims())), read))).status).toBe(503);
    expect(guard.validator.state().closed).toBe(true);
  });
});

it('decisions go to one channel of the process, by this name', () => {
  expect(eventChannelName('decision')).toBe('entra-guard:decision');
});

describe('a decision without a promise', () => {
  const place: DecisionPlace = { handler: 'GET /orders' };

  it('waits for a new token, and lets pass or throws at once for one that is remembered', async () => {
    const guard = createGuard(contoso());
    const token = signed(userClaims());
    for (let use = 1; use <= 2; use++) {
      const waited = guard.decide(bearing(token), read, place);
      expect(waited).toBeInstanceOf(Promise);
      expect(await waited).toMatchObject({ kind: 'user', objectId: ADA });
    }
    expect(guard.decide(bearing(token), read, place)).toMatchObject({ kind: 'user', objectId: ADA });
    const refused = (request: RequestLike, needed: Grant, code: string): void =>
      expect(() => guard.decide(request, needed, place)).toThrow(expect.objectContaining({ code }));
    refused(bearing(token), scopes('Orders.Write'), 'scope_missing');
    refused(without(), read, 'credentials_missing');
    const forgery = guard.decide(bearing(forged(userClaims())), read, place);
    await expect(forgery).rejects.toMatchObject({ code: 'signature_invalid' });
  });

  it('needs no caller where everyone may', () => {
    expect(createGuard(contoso()).decide(without(), anonymous(), place)).toBeUndefined();
  });

  it('waits for a check, and a refusal behind it is recorded like any other', async () => {
    const guard = createGuard(contoso());
    await guard.require(bearing(signed(userClaims())), read);
    const events: DecisionEvent[] = [];
    const stop = onEvent((event) => events.push(event), { types: ['decision'] });
    try {
      const never = allOf(
        read,
        check('never', async () => false),
      );
      const decided = guard.decide(bearing(signed(userClaims())), never, place);
      expect(decided).toBeInstanceOf(Promise);
      await expect(decided).rejects.toMatchObject({ code: 'check_refused' });
    } finally {
      stop();
    }
    expect(events).toMatchObject([{ outcome: 'deny', code: 'check_refused', handler: 'GET /orders' }]);
  });
});

describe('a guard is prepared, asked and closed as one', () => {
  it('loads keys, tells its health, and is closed with its validator', async () => {
    const guard = createGuard(contoso());
    await guard.ready();
    expect(await guard.health()).toMatchObject({ status: 'up', parts: [{ part: 'keys' }, { part: 'keys' }] });
    await guard.close();
    await guard.close();
    expect(await guard.health()).toMatchObject({ status: 'down', message: 'The validator was closed.' });
    await expect(guard.ready()).rejects.toMatchObject({ code: 'keys_unavailable' });
  });

  it('or at the end of its block', async () => {
    const guard = createGuard(contoso());
    await guard[Symbol.asyncDispose]();
    expect((await guard.health()).status).toBe('down');
  });
});
