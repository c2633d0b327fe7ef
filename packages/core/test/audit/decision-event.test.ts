import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  API,
  appClaims,
  DAEMON,
  forged,
  type Json,
  NOW,
  OTHER_API,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import type { Guard } from '../../src/guard/guard-contract.js';
import type { GuardOptions } from '../../src/guard/guard-options.js';
import {
  allOf,
  anonymous,
  createGuard,
  type DecisionEvent,
  eventChannelName,
  onEvent,
  type RequestLike,
  scopes,
  userRoles,
} from '../../src/index.js';
import { processFailuresDuring } from '../process-failures.js';
import { refusalOf } from '../refusals.js';

const read = scopes('Orders.Read');
const bearing = (token: string, headers: Record<string, string> = {}): RequestLike => ({
  headers: new Headers({ Authorization: `Bearer ${token}`, ...headers }),
});
const without = (): RequestLike => ({ headers: new Headers() });
const expired = { exp: 1_700_000_000, nbf: 1_600_000_000, iat: 1_600_000_000 };

/** What a forger writes who wants it read as the guard's own words. */
const SAID = 'x\r\n{"outcome":"allow"} all is well';
/** What unverified tokens said is rationed by the minute. */
let minute = 0;
const inTime = (clock: number) => {
  const iat = Math.floor(clock / 1000) - 1;
  return userClaims({ iat, nbf: iat, exp: iat + 3900 });
};

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

function audited(changes: Partial<GuardOptions> = {}): { guard: Guard; events: DecisionEvent[] } {
  const events: DecisionEvent[] = [];
  endings.push(onEvent((event) => events.push(event), { types: ['decision'] }));
  return { guard: createGuard({ ...contoso(), ...changes } as GuardOptions), events };
}

const who = {
  kind: 'user',
  tenantId: TENANT,
  objectId: ADA,
  clientId: SPA,
  subjectKey: `${TENANT}/${ADA}`,
  agent: undefined,
};
const issued = userClaims() as { iat: number; exp: number };
const token = { id: 'FAKEuti0000000000004AA', issuedAt: issued.iat * 1000, expiresAt: issued.exp * 1000 };

describe('every decision is one event', () => {
  it('of who was let in where, for which reason', async () => {
    const { guard, events } = audited({ owner: { team: 'Orders', contact: 'orders@contoso.example' } });
    await guard.require(bearing(signed(userClaims())), read.because('order list'), {
      handler: 'GET /orders',
    });
    expect(events).toEqual([
      {
        v: 1,
        type: 'decision',
        time: NOW,
        outcome: 'allow',
        handler: 'GET /orders',
        requirement: "scopes('Orders.Read')",
        reasons: ['order list'],
        owner: { team: 'Orders', contact: 'orders@contoso.example' },
        who,
        delegation: { user: who.subjectKey, client: SPA },
        token,
      },
    ]);
  });

  it('of who was refused after the signature held, and nothing that is merely claimed', async () => {
    const { guard, events } = audited();
    await refusalOf(guard.require(bearing(signed(userClaims())), allOf(read, userRoles('Clerk'))));
    expect(events).toEqual([
      {
        v: 1,
        type: 'decision',
        time: NOW,
        outcome: 'deny',
        code: 'role_missing',
        explanation:
          "The caller lacks user role Clerk; required: allOf(scopes('Orders.Read'), userRoles('Clerk')).",
        requirement: "allOf(scopes('Orders.Read'), userRoles('Clerk'))",
        reasons: [],
        who,
        delegation: { user: who.subjectKey, client: SPA },
        token,
      },
    ]);
  });

  it.each<[string, Json, object | undefined]>([
    ['a user with an app', {}, { user: `${TENANT}/${ADA}`, client: SPA }],
    [
      'an agent on behalf of a user, with its blueprint',
      { xms_act_fct: '11', xms_par_app_azp: API },
      { user: `${TENANT}/${ADA}`, agent: SPA, blueprint: API, client: SPA },
    ],
    [
      "an agent's own user account, which is not a person",
      { xms_act_fct: '11', xms_sub_fct: '13' },
      { agent: SPA, client: SPA },
    ],
    [
      'a user with what is known to be no agent',
      { xms_act_fct: '9' },
      { user: `${TENANT}/${ADA}`, client: SPA },
    ],
  ])('of who acts for whom: %s', async (_, claims, delegation) => {
    const { guard, events } = audited();
    await guard.authenticate(bearing(signed(userClaims(claims))));
    expect(events).toMatchObject([{ delegation }]);
  });

  it.each<[string, Json, object | undefined]>([
    ['an agent', { xms_act_fct: '11', xms_sub_fct: '11' }, { agent: DAEMON, client: DAEMON }],
    ['an app in which no agent is known to be involved', {}, undefined],
  ])('of who acts as itself: %s', async (_, claims, delegation) => {
    const { guard, events } = audited();
    await guard.authenticate(bearing(signed(appClaims(claims))));
    expect(events.map((event) => event.delegation)).toEqual([delegation]);
  });

  it('of the call of a tool, with its digest and trace', async () => {
    const { guard, events } = audited();
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${trace}-b7ad6b7169203331-01`;
    const place = {
      handler: 'tools/call orders.list',
      tool: 'orders.list',
      argumentsDigest: 'digest',
      traceparent,
    };
    const other = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    await guard.require(bearing(signed(userClaims()), other), read, place);
    expect(events).toMatchObject([{ ...place, correlationId: trace }]);
  });

  it.each([
    ['a malformed trace', { traceparent: 'x\r\n' }, { correlationId: '4bf92f3577b34da6a3ce929d0e0e4736' }],
    [
      'the name of a tool that does not exist',
      { tool: SAID },
      { tool: 'x\\u000d\\u000a{"outcome":"allow"} all is well' },
    ],
  ])('without words that a caller smuggles in: %s', async (_, place, facts) => {
    const { guard, events } = audited();
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    await guard.require(bearing(signed(userClaims()), trace), read, place);
    expect(events).toMatchObject([facts]);
    expect(events[0]).not.toHaveProperty('traceparent');
  });

  it('of an app without a user', async () => {
    const { guard, events } = audited();
    await guard.authenticate(bearing(signed(appClaims({ xms_par_app_azp: API.toUpperCase() }))));
    expect(events).toMatchObject([
      {
        outcome: 'allow',
        reasons: [],
        who: { kind: 'app', clientId: DAEMON, agent: { actor: true, subject: undefined, blueprintId: API } },
      },
    ]);
    expect(events[0]).not.toHaveProperty('requirement');
  });

  it.each<[string, (guard: Guard) => Promise<unknown>, Partial<DecisionEvent>]>([
    [
      'no credentials',
      (guard) => guard.require(without(), read),
      { outcome: 'deny', code: 'credentials_missing' },
    ],
    [
      'two credentials',
      (guard) => guard.require({ headers: { authorization: ['Bearer a', 'Bearer b'] } }, read),
      { outcome: 'deny', code: 'credentials_malformed' },
    ],
    [
      'no credentials, where they are optional',
      (guard) => guard.authenticate(without(), { optional: true }),
      { outcome: 'allow' },
    ],
    [
      'an opening to everybody, with its reason',
      (guard) => guard.require(bearing(signed(userClaims())), anonymous().because('health probe')),
      { outcome: 'allow', requirement: 'anonymous()', reasons: ['health probe'] },
    ],
    [
      'a handler without any requirement',
      async (guard) => guard.refuse(without(), { handler: 'OrdersController.remove' }),
      { outcome: 'deny', code: 'no_requirement', handler: 'OrdersController.remove' },
    ],
  ])('and of no caller: %s', async (_, decide, expected) => {
    const { guard, events } = audited();
    await decide(guard).catch(() => {});
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject(expected);
    for (const about of ['who', 'token', 'claimed', 'claims']) expect(events[0]).not.toHaveProperty(about);
  });

  it('with the caller, where a handler without requirement is refused after authentication', async () => {
    const { guard, events } = audited();
    const request = bearing(signed(userClaims()));
    await guard.authenticate(request);
    guard.refuse(request);
    expect(events[1]).toMatchObject({ code: 'no_requirement', who });
  });
});

it('of a token that does not say when it was issued, without that time', async () => {
  const { guard, events } = audited();
  await guard.authenticate(bearing(signed(userClaims({ iat: undefined, uti: undefined }))));
  expect(events[0]?.token).toEqual({ id: undefined, issuedAt: undefined, expiresAt: token.expiresAt });
});

describe('what an unverified token claims', () => {
  it('is kept apart from who called', async () => {
    const { guard, events } = audited();
    await refusalOf(guard.require(bearing(forged(userClaims())), read));
    expect(events[0]).toMatchObject({ outcome: 'deny', code: 'signature_invalid' });
    expect(events[0]).not.toHaveProperty('who');
    expect(events[0]).not.toHaveProperty('token');
    expect(events[0]?.claimed).toEqual({
      issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      audience: API,
      tenantId: TENANT,
      objectId: ADA,
      clientId: SPA,
    });
  });

  it('is taken from a v1 token as well', async () => {
    const { guard, events } = audited();
    await refusalOf(
      guard.authenticate(bearing(signed(userClaims({ ...expired, azp: undefined, appid: DAEMON })))),
    );
    expect(events[0]?.claimed?.clientId).toBe(DAEMON);
  });

  it('is bounded and escaped, and only text', async () => {
    const { guard, events } = audited();
    const claims = userClaims({
      aud: 'x'.repeat(5000),
      oid: 'a\r\nb\u202e',
      tid: { a: 1 },
      azp: ['x'],
      extra: 'x',
    });
    await refusalOf(guard.authenticate(bearing(forged(claims))));
    expect(events[0]?.claimed).toEqual({
      issuer: expect.any(String),
      audience: `${'x'.repeat(100)}…`,
      objectId: 'a\\u000d\\u000ab\\u202e',
      found: 'an object',
    });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['issuer', { iss: `https://login.microsoftonline.com/${SAID}` }, {}],
    ['audience', { aud: SAID }, {}],
    ['tenant', { tid: SAID }, {}],
    ['kind', { idtyp: SAID }, {}],
    ['time of expiry', { exp: SAID }, {}],
    ['time of beginning', { nbf: 1_999_999_999, exp: 1_999_999_998 }, {}],
    ['algorithm', {}, { alg: SAID }],
    ['key ID', {}, { kid: SAID }],
    ['type', {}, { typ: SAID }],
    ['critical parameters', {}, { crit: [SAID] }],
  ])('is all that an event says of what the token says of its %s', async (_, claims, header) => {
    const clock = NOW + 6_000_000 + ++minute * 60_000;
    const { guard, events } = audited({ now: () => clock, log: false });
    await guard.authenticate(bearing(signed(inTime(clock)))).catch(() => {});
    events.length = 0;
    for (let use = 0; use < 3; use++) {
      await refusalOf(guard.authenticate(bearing(signed({ ...inTime(clock), ...claims }, header))));
    }
    expect(events.length).toBe(3);
    for (const { explanation = '', claimed } of events) {
      expect(explanation).not.toMatch(/all is well|1999999999|1999999998/);
      expect(explanation).toMatch(/^(Token refused \(|The token names a signing key that is not known, and)/);
      expect(JSON.stringify(claimed ?? '')).not.toMatch(/[\n\r]|\\n/);
    }
  });

  it('has what the check found that refused the token, in its own place', async () => {
    const clock = NOW + 6_000_000 + ++minute * 60_000;
    const { guard, events } = audited({ now: () => clock });
    await refusalOf(guard.authenticate(bearing(signed({ ...inTime(clock), aud: OTHER_API }))));
    expect(events[0]).toMatchObject({
      code: 'audience_not_accepted',
      explanation: expect.stringMatching(/^Token refused \(audience_not_accepted\): expected "/),
      claimed: { found: `"${OTHER_API}"` },
    });
  });

  it('is nothing for what is not a JWT', async () => {
    const { guard, events } = audited();
    await refusalOf(guard.authenticate(bearing('abc')));
    expect(events[0]).not.toHaveProperty('claimed');
  });

  it('is told sixty times a minute, however many tokens come', async () => {
    const clock = { now: NOW + 600_000 };
    const { guard, events } = audited({ now: () => clock.now });
    const request = () => bearing(forged(userClaims({ aud: OTHER_API })));
    for (let sent = 0; sent < 100; sent++) await refusalOf(guard.authenticate(request()));
    expect(events).toHaveLength(100);
    expect(events.filter(({ claimed }) => claimed !== undefined)).toHaveLength(60);
    clock.now += 60_000;
    await refusalOf(guard.authenticate(request()));
    expect(events.at(-1)?.claimed).toMatchObject({ audience: OTHER_API });
  });

  // The signature held: this is who called, and no mere claim.
  it.each<[string, Partial<GuardOptions>, string]>([
    ['revoked', { isRevoked: () => true }, 'token_revoked'],
    [
      'of a tenant that a function declined',
      { tenantId: undefined, tenants: () => false } as Partial<GuardOptions>,
      'tenant_not_accepted',
    ],
  ])('is not what a verified token says that was %s', async (_, changes, code) => {
    const { guard, events } = audited(changes);
    await refusalOf(guard.authenticate(bearing(signed(userClaims()))));
    expect(events[0]).toMatchObject({ outcome: 'deny', code });
    expect(events[0]).not.toHaveProperty('claimed');
    expect(events[0]).toHaveProperty('who', who);
  });
});

describe('personal data', () => {
  const person = {
    name: 'Ada',
    upn: 'ada@contoso.example',
    preferred_username: 'ada@contoso.example',
    email: 'ada@contoso.example',
    ipaddr: '203.0.113.7',
    acr: '1',
    groups: ['g'],
  };

  it('stays out of events', async () => {
    const { guard, events } = audited();
    await guard.require(bearing(signed(userClaims(person))), read);
    await refusalOf(guard.require(bearing(signed(userClaims(person))), scopes('Orders.Write')));
    await refusalOf(guard.require(bearing(forged(userClaims(person))), read));
    expect(events).toHaveLength(3);
    expect(JSON.stringify(events)).not.toMatch(/ada@contoso|"Ada"|203\.0\.113\.7/);
  });

  it('is in them only by a list of claims', async () => {
    const auditClaims = ['acr', 'groups', 'absent', 'toString', '__proto__'];
    const { guard, events } = audited({ auditClaims });
    auditClaims.push('upn');
    await guard.require(bearing(signed(userClaims(person))), read);
    await refusalOf(guard.require(bearing(forged(userClaims(person))), read));
    expect(events[0]?.claims).toStrictEqual({ acr: '1', groups: ['g'] });
    expect(events[1]).not.toHaveProperty('claims');
  });
});

describe('the correlation ID is the trace ID of a well-formed traceparent (W3C Trace Context)', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  it.each<[string, string | undefined, string | undefined]>([
    ['well-formed', `00-${trace}-b7ad6b7169203331-01`, trace],
    ['not sampled', `00-${trace}-b7ad6b7169203331-00`, trace],
    ['with a parent that begins with zeros', `00-${trace}-00f067aa0ba902b7-01`, trace],
    ['absent', undefined, undefined],
    ['empty', '', undefined],
    ['no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, undefined],
    ['no parent', `00-${trace}-${'0'.repeat(16)}-01`, undefined],
    ['capitals', `00-${trace.toUpperCase()}-b7ad6b7169203331-01`, undefined],
    ['another version', `ff-${trace}-b7ad6b7169203331-01`, undefined],
    ['too short', `00-${trace.slice(1)}-b7ad6b7169203331-01`, undefined],
    ['more behind it', `00-${trace}-b7ad6b7169203331-01-extra`, undefined],
    ['two of them', `00-${trace}-b7ad6b7169203331-01, 00-${trace}-b7ad6b7169203331-01`, undefined],
    ['a forged line', 'x","outcome":"allow', undefined],
  ])('%s', async (_, traceparent, correlationId) => {
    const { guard, events } = audited();
    await guard.authenticate(bearing(signed(userClaims()), traceparent === undefined ? {} : { traceparent }));
    expect(events[0]?.correlationId).toBe(correlationId);
  });

  it('with a line break, as Node would have it', async () => {
    const { guard, events } = audited();
    const headers = {
      authorization: `Bearer ${signed(userClaims())}`,
      traceparent: `00-${trace}-b7ad6b7169203331-01\n`,
    };
    await guard.authenticate({ headers });
    expect(events[0]).not.toHaveProperty('correlationId');
  });
});

describe("the application's correlation ID", () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const trace = '0af7651916cd43dd8448eb211c80319c';
  it.each<[string, (header: (name: string) => string | undefined) => unknown, string]>([
    ['comes before the trace ID', (header) => header('X-Request-Id'), 'order-7'],
    ['is bounded and escaped', () => `a\r\nb${'x'.repeat(200)}`, `a\\u000d\\u000ab${'x'.repeat(96)}…`],
    ['is missing', (header) => header('x-absent'), trace],
    ['is empty', () => '', trace],
    ['is not a text', () => ({ id: 7 }), trace],
    [
      'throws',
      () => {
        throw new Error('no ID');
      },
      trace,
    ],
  ])('%s', async (_, correlationId, expected) => {
    const { guard, events } = audited({ correlationId } as Partial<GuardOptions>);
    await guard.authenticate(bearing(signed(userClaims()), { traceparent, 'x-request-id': 'order-7' }));
    expect(events[0]?.correlationId).toBe(expected);
  });
});

describe('listeners', () => {
  it('on the diagnostics channel get the same', async () => {
    const { guard, events } = audited();
    const received: unknown[] = [];
    const receive = (message: unknown): void => void received.push(message);
    subscribe(eventChannelName('decision'), receive);
    endings.push(() => unsubscribe(eventChannelName('decision'), receive));
    await guard.authenticate(bearing(signed(userClaims())));
    expect(received).toEqual(events);
  });

  it('are let go', async () => {
    const events: DecisionEvent[] = [];
    const end = onEvent((event) => events.push(event), { types: ['decision'] });
    const guard = createGuard(contoso());
    await guard.authenticate(bearing(signed(userClaims())));
    end();
    end();
    await guard.authenticate(bearing(signed(userClaims())));
    expect(events).toHaveLength(1);
  });

  it('while there are none, nothing is put together for them', async () => {
    const asked: string[] = [];
    const token = signed(userClaims());
    const headers = {
      get: (name: string) => {
        asked.push(name.toLowerCase());
        return name.toLowerCase() === 'authorization' ? `Bearer ${token}` : null;
      },
    };
    const guard = createGuard(contoso());
    await guard.authenticate({ headers });
    expect(asked).toEqual(['authorization']);
    const { guard: watched } = audited();
    await watched.authenticate({ headers });
    expect(asked).toEqual(['authorization', 'authorization', 'traceparent']);
  });

  it.each<[string, (event: DecisionEvent) => void]>([
    [
      'throws',
      () => {
        throw new Error('audit store down');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('audit store down');
      },
    ],
  ])('one that %s decides about nothing, and does not end the process', async (_, listener) => {
    const { guard, events } = audited();
    endings.push(onEvent(listener, { types: ['decision'] }));
    const codes: unknown[] = [];
    const failures = await processFailuresDuring(async () => {
      codes.push((await guard.require(bearing(signed(userClaims())), read))?.objectId);
      codes.push((await refusalOf(guard.require(bearing(forged(userClaims())), read))).code);
    });
    expect(codes).toEqual([ADA, 'signature_invalid']);
    expect(events).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  it('cannot change what the next one gets', async () => {
    const { guard, events } = audited({ owner: { team: 'Orders' }, auditClaims: ['groups'] });
    await guard.require(bearing(signed(userClaims({ groups: ['g'] }))), read);
    await refusalOf(guard.require(bearing(forged(userClaims())), read));
    const thawed: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [name, member] of Object.entries(value)) visit(member, `${path}.${name}`);
    };
    for (const event of events) visit(event, event.outcome);
    expect(thawed).toEqual([]);
  });
});

describe('a request whose headers cannot be read', () => {
  const requests = [
    ['has none', {}],
    [
      'throws',
      {
        get headers(): Headers {
          throw new Error('stream closed');
        },
      },
    ],
  ] as const;

  it.each(requests)('is decided about as without a listener: one that %s', async (_, request) => {
    const { guard, events } = audited();
    const unreadable = request as unknown as RequestLike;
    await expect(guard.require(unreadable, anonymous())).resolves.toBeUndefined();
    await expect(guard.require(unreadable, read)).rejects.toThrow(Error);
    expect(guard.refuse(unreadable).code).toBe('no_requirement');
    expect(events.map(({ outcome }) => outcome)).toEqual(['allow', 'deny', 'deny']);
  });
});

it('a correlation ID that is promised and never comes does not end the process', async () => {
  const correlationId = async () => {
    throw new Error('no ID');
  };
  const { guard, events } = audited({ correlationId } as unknown as Partial<GuardOptions>);
  const failures = await processFailuresDuring(() => guard.authenticate(bearing(signed(userClaims()))));
  expect(failures).toEqual([]);
  expect(events).toHaveLength(1);
});
