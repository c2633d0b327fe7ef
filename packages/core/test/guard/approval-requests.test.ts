import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  appClaims,
  type Json,
  NOW,
  OTHER_TENANT,
  ofTenant,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import {
  type ApprovalRequestOptions,
  ApprovalRequests,
  approvalHandlers,
  readApprovalPath,
} from '../../src/approvals.js';
import {
  type ApprovalEvent,
  type ApprovalOptions,
  type ApprovalStore,
  allOf,
  appPermissions,
  approval,
  authContext,
  createGuard,
  type DecisionEvent,
  type GuardSettings,
  inGroups,
  type LogEntry,
  memoryApprovals,
  onEvent,
  type PermissionError,
  scopes,
  userRoles,
} from '../../src/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const AGENT = 'a9e27000-0000-4000-8000-000000000001';
const GRACE = '99999999-0000-1111-2222-bbbbbbbbbbbb';
const GROUP = 'c1000000-0000-4000-8000-000000000001';
const HUMAN = { xms_act_fct: '1', xms_sub_fct: '1' };
const origin = 'https://orders.contoso.com';
const payment = { amount: 120, to: 'NL91ABNA0417164300' };

const bearing = (claims: Json, tenant = TENANT) => ({
  headers: {
    authorization: `Bearer ${signed(ofTenant(tenant, userClaims({ scp: 'Orders.Read', ...claims })))}`,
  },
});
const ada = bearing(HUMAN);
const grace = bearing({ oid: GRACE, ...HUMAN, roles: ['Approver'] });
const agent = bearing({ azp: AGENT, xms_act_fct: '11', xms_sub_fct: '1', roles: ['Approver'] });

function handling(
  options: Partial<ApprovalRequestOptions> = {},
  { approvals, ...settings }: GuardSettings = {},
) {
  const clock = { now: NOW };
  const log: LogEntry[] = [];
  const now = () => clock.now;
  const store = approvals ?? memoryApprovals({ now });
  const { tenantId: _, ...rest } = contoso({ now, log: (entry) => void log.push(entry) });
  const guard = createGuard({
    ...rest,
    tenants: [TENANT, OTHER_TENANT],
    approvals: store,
    ...settings,
  });
  onTestFinished(() => guard.close());
  const requests = new ApprovalRequests(guard, { origin, ...options });
  const events: (ApprovalEvent | DecisionEvent)[] = [];
  onTestFinished(onEvent((event) => void events.push(event), { types: ['approval', 'decision'] }));
  /** Ada's agent asks for an approval. */
  const asked = async (more: ApprovalOptions = {}) => {
    const requirement = allOf(scopes('Orders.Read'), approval('pay', { of: () => payment, ...more }));
    const error = (await refusalOf(guard.require(agent, requirement))) as PermissionError;
    if (error.approval === undefined) throw new Error('nothing was asked for', { cause: error });
    return { ...error.approval, requirement };
  };
  const look = (id: string, request = ada) =>
    requests.answer({ request, method: 'GET', id, action: undefined });
  const approve = (id: string, request = ada) =>
    requests.answer({ request, method: 'POST', id, action: 'approve' });
  const deny = (id: string, request = ada) =>
    requests.answer({ request, method: 'POST', id, action: 'deny' });
  return { guard, requests, store, asked, look, approve, deny, clock, log, events };
}

const notFound = { status: 404, code: 'target_not_allowed' };

describe('requests about approvals', () => {
  it('show what is approved, and let the call pass once it is approved', async () => {
    const { asked, look, approve, guard, events } = handling();
    const { id, url, requirement } = await asked();
    expect(url).toBe(`${origin}/approvals/${id}`);
    const shown = {
      id,
      operation: 'pay',
      of: payment,
      agent: { clientId: AGENT },
      person: { objectId: ADA },
      requestedAt: new Date(NOW).toISOString(),
      expiresAt: new Date(NOW + 600_000).toISOString(),
      state: 'pending',
    };
    expect(await look(id)).toEqual({ status: 200, body: shown });
    expect(await approve(id)).toEqual({ status: 200, body: { ...shown, state: 'approved' } });
    expect(await approve(id)).toMatchObject({ body: { state: 'approved' } });
    expect(await look(id)).toMatchObject({ body: { state: 'approved' } });
    expect(await guard.require(agent, requirement)).toMatchObject({ clientId: AGENT });
    expect(await refusalOf(look(id))).toMatchObject(notFound);
    const told = events.filter(({ type }) => type === 'approval') as ApprovalEvent[];
    expect(told.map(({ change }) => change)).toEqual(['requested', 'given', 'used']);
    expect(told[1]).toMatchObject({
      id,
      operation: 'pay',
      by: { kind: 'user', tenantId: TENANT, objectId: ADA, subjectKey: `${TENANT}/${ADA}` },
    });
    expect(JSON.stringify(events)).not.toContain('NL91');
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'decision',
        handler: 'POST /approvals/{id}/approve',
        outcome: 'allow',
      }),
    );
  });

  it('deny, also what was approved and not used yet; that stays', async () => {
    const { asked, approve, deny, guard, events } = handling();
    const { id, requirement } = await asked();
    await approve(id);
    expect(await deny(id)).toMatchObject({ body: { state: 'denied' } });
    expect((await refusalOf(guard.require(agent, requirement))).code).toBe('approval_denied');
    expect(await refusalOf(approve(id))).toMatchObject({ code: 'approval_denied', status: 403 });
    expect(await deny(id)).toMatchObject({ body: { state: 'denied' } });
    expect(events.filter(({ type }) => type === 'approval')).toMatchObject([
      { change: 'requested' },
      { change: 'given' },
      { change: 'denied', by: { objectId: ADA } },
    ]);
  });

  it.each<[string, typeof ada, object]>([
    ['the agent itself', agent, { code: 'agent_not_allowed', status: 403 }],
    ['a caller of whom it is not known', bearing({}), { code: 'agent_not_allowed', status: 403 }],
    ['an agent as the subject', bearing({ ...HUMAN, xms_sub_fct: '13' }), { code: 'agent_not_allowed' }],
    [
      'an app',
      { headers: { authorization: `Bearer ${signed(appClaims({ roles: ['A'], ...HUMAN }))}` } },
      { code: 'caller_kind_not_allowed', status: 403 },
    ],
    ['no caller', { headers: {} } as never, { code: 'credentials_missing', status: 401 }],
    ['another person', grace, notFound],
    ['the same person in another tenant', bearing(HUMAN, OTHER_TENANT), notFound],
  ])('are refused for %s', async (_, request, refusal) => {
    const { asked, look, approve, deny, store } = handling();
    const { id } = await asked();
    for (const ask of [look, approve, deny]) expect(await refusalOf(ask(id, request))).toMatchObject(refusal);
    expect(await store.find(id)).toMatchObject({ state: 'pending' });
  });

  it.each<[string, ApprovalOptions, typeof ada, object]>([
    ['another with the role', { by: userRoles('Approver') }, grace, { status: 200 }],
    ['another without the role', { by: userRoles('Other') }, grace, notFound],
    [
      'another with the role in another tenant',
      { by: userRoles('Approver') },
      bearing({ oid: GRACE, ...HUMAN, roles: ['Approver'] }, OTHER_TENANT),
      notFound,
    ],
    [
      'the agent with the role',
      { by: userRoles('Approver'), self: true },
      agent,
      { code: 'agent_not_allowed' },
    ],
    ['the person', { by: userRoles('Approver') }, bearing({ ...HUMAN, roles: ['Approver'] }), notFound],
    [
      'the person with self',
      { by: userRoles('Approver'), self: true },
      bearing({ ...HUMAN, roles: ['Approver'] }),
      { status: 200 },
    ],
    ['the person with self, without the role', { by: userRoles('Approver'), self: true }, ada, notFound],
    ['another with self', { by: userRoles('Approver'), self: true }, grace, { status: 200 }],
    [
      'another who is to sign in more strongly',
      { by: allOf(userRoles('Approver'), authContext('c1')) },
      bearing({ oid: GRACE, ...HUMAN, roles: ['Approver'], xms_cc: ['cp1'] }),
      { status: 401, code: 'step_up_required' },
    ],
  ])('with `by`, for %s', async (_, options, request, outcome) => {
    const { asked, look, approve } = handling();
    const { id } = await asked(options);
    for (const ask of [look, approve]) {
      expect(await ask(id, request).catch((error) => error)).toMatchObject(outcome);
    }
  });

  it('with `by` ask the guard for groups', async () => {
    const overage = { _claim_names: { groups: 'src1' }, oid: GRACE, ...HUMAN };
    const groups = new Set([GROUP]);
    const { asked, approve } = handling({}, { groupsOf: async () => [...groups] });
    const { id } = await asked({ by: allOf(scopes('Orders.Read'), inGroups(GROUP)) });
    expect(await approve(id, bearing(overage))).toMatchObject({ body: { state: 'approved' } });
  });

  it('of an app show no person', async () => {
    const { guard, look } = handling();
    const requirement = allOf(
      appPermissions('Pay.All'),
      approval('pay', { of: () => payment, by: userRoles('Approver') }),
    );
    const blueprint = 'b1000000-0000-4000-8000-000000000001';
    const app = {
      headers: {
        authorization: `Bearer ${signed(appClaims({ roles: ['Pay.All'], xms_par_app_azp: blueprint }))}`,
      },
    };
    const error = (await refusalOf(guard.require(app, requirement))) as PermissionError;
    const { body } = await look(error.approval?.id ?? '', grace);
    expect(body).toMatchObject({ agent: { blueprintId: blueprint } });
    expect(body).not.toHaveProperty('person');
  });

  it('have nothing after the end', async () => {
    const { asked, look, approve, clock } = handling();
    const { id } = await asked({ validFor: '1m' });
    clock.now += 60_000;
    for (const ask of [look, approve]) expect(await refusalOf(ask(id))).toMatchObject(notFound);
  });

  it.each(['__proto__', 'constructor', '%00', '../x', '', 'x'.repeat(200)])(
    'find nothing by %j',
    async (id) => {
      const { look, approve } = handling();
      for (const ask of [look, approve]) expect(await refusalOf(ask(id))).toMatchObject(notFound);
    },
  );

  it('have their methods', async () => {
    const { requests } = handling();
    const ask = (method: string, action?: 'approve' | 'deny') =>
      refusalOf(requests.answer({ request: ada, method, id: 'x', action }));
    expect(await ask('POST')).toMatchObject({ status: 405, allow: ['GET'] });
    expect(await ask('GET', 'approve')).toMatchObject({ status: 405, allow: ['POST'] });
    expect(await ask('get')).toMatchObject({ status: 405 });
  });

  it.each<[string, Partial<ApprovalStore>]>([
    ['can not be reached', { find: () => Promise.reject(new Error('ECONNREFUSED')) }],
    [
      'holds what a newer release wrote',
      { find: async (id) => recordBy(id, '{"requirement":{"kind":"later"}}') },
    ],
    [
      'holds approvers that only narrow',
      { find: async (id) => recordBy(id, '{"requirement":{"kind":"delegated"}}') },
    ],
    [
      'holds approvers that are everyone',
      { find: async (id) => recordBy(id, '{"requirement":{"kind":"anonymous"}}') },
    ],
    ['holds no JSON', { find: async (id) => recordBy(id, 'x') }],
  ])('are answered 503 where the store %s', async (_, methods) => {
    const { look, approve } = handling({}, { approvals: Object.assign(memoryApprovals(), methods) });
    for (const ask of [look, approve]) {
      expect(await refusalOf(ask('x', grace))).toMatchObject({ code: 'approvals_unavailable', status: 503 });
    }
  });

  it('find nothing where a store gives another record, or it ends meanwhile', async () => {
    const other = { find: async () => recordBy('other', '{}') };
    const { look } = handling({}, { approvals: Object.assign(memoryApprovals(), other) });
    expect(await refusalOf(look('x', grace))).toMatchObject(notFound);
    const gone = Object.assign(memoryApprovals(), { decide: async () => undefined });
    const { asked, approve } = handling({}, { approvals: gone });
    expect(await refusalOf(approve((await asked()).id))).toMatchObject(notFound);
  });

  it('demand a scope of their page with `allow`, and warn without', async () => {
    const allowing = handling({ allow: scopes('Approvals.Decide') });
    const { id } = await allowing.asked();
    expect(await refusalOf(allowing.approve(id))).toMatchObject({ code: 'scope_missing', status: 403 });
    const page = bearing({ ...HUMAN, scp: 'Approvals.Decide' });
    expect(await allowing.approve(id, page)).toMatchObject({ status: 200 });
    expect(allowing.log.filter(({ event }) => event === 'configuration')).toEqual([]);
    const { log } = handling();
    expect(log).toContainEqual(
      expect.objectContaining({
        event: 'configuration',
        handler: 'the routes of approvals',
        message: expect.stringContaining('without any particular scope'),
      }),
    );
  });

  it('are told to an inventory', () => {
    const { requests } = handling({ allow: scopes('Approvals.Decide') });
    const required = "allOf(delegated(), noAgents(), scopes('Approvals.Decide'))";
    expect(
      requests.handlers().map(({ method, path, access }) => [method, path, String(access.requirement)]),
    ).toEqual([
      ['GET', '/approvals/:id', required],
      ['POST', '/approvals/:id/approve', required],
      ['POST', '/approvals/:id/deny', required],
    ]);
    expect(approvalHandlers(scopes('Approvals.Decide'))).toEqual(requests.handlers());
    expect(String(approvalHandlers()[0]?.access.requirement)).toBe(
      'allOf(authenticated(), delegated(), noAgents())',
    );
    expect(configurationSentence(() => approvalHandlers('Approvals.Decide'))).toContain(
      'was given the string',
    );
  });

  it.each<[unknown, string]>([
    [undefined, 'was given undefined instead of options'],
    [{}, 'origin of the routes of approvals is undefined'],
    [{ origin: 'orders.contoso.com' }, 'origin of the routes of approvals is orders.contoso.com'],
    [{ origin: 'http://orders.contoso.com' }, 'without a path'],
    [{ origin: `${origin}/approve` }, 'without a path'],
    [{ origin: `${origin}?a` }, 'without a path'],
    [{ origin: 'javascript:alert(1)' }, 'without a path'],
    [{ origin, alow: 1 }, "Did you mean 'allow'?"],
    [{ origin, allow: 'Approvals.Decide' }, 'allow of the routes of approvals was given the string'],
    [{ origin, allow: appPermissions('A') }, "can't be satisfied by any token"],
  ])('refuse the options %o', (options, sentence) => {
    const guard = createGuard({ ...contoso({ log: false }), approvals: memoryApprovals() });
    expect(configurationSentence(() => new ApprovalRequests(guard, options as never))).toContain(sentence);
  });

  it('need a guard with approvals, and have one origin for each', () => {
    const without = createGuard(contoso());
    expect(configurationSentence(() => new ApprovalRequests(without, { origin }))).toContain(
      'a guard without the setting approvals',
    );
    for (const guard of [undefined, null, 'guard', {}])
      expect(configurationSentence(() => new ApprovalRequests(guard as never, { origin }))).toContain(
        'something else than a guard',
      );
    const { guard, requests } = handling({ origin: 'http://localhost:3000/' });
    expect(requests.approveUrl('a/b')).toBe('http://localhost:3000/approvals/a%2Fb');
    new ApprovalRequests(guard, { origin: 'http://localhost:3000' });
    expect(configurationSentence(() => new ApprovalRequests(guard, { origin }))).toContain(
      `is ${origin}, and was http://localhost:3000`,
    );
  });
});

it.each([
  ['/approvals/x', { id: 'x', action: undefined }],
  ['/approvals/x/', { id: 'x', action: undefined }],
  ['/approvals/x/approve', { id: 'x', action: 'approve' }],
  ['/approvals/x/deny/', { id: 'x', action: 'deny' }],
  ['/approvals', undefined],
  ['/approvals/', undefined],
  ['/approvals//approve', undefined],
  ['/approvals/x/lift', undefined],
  ['/other/approvals/x', undefined],
])('the path %s is that of %j', (path, expected) => {
  expect(readApprovalPath(path)).toEqual(expected);
});

/** A record as a store of another release may give it. */
function recordBy(id: string, by: string) {
  return {
    id,
    tenantId: TENANT,
    subjectKey: `${TENANT}/${ADA}`,
    clientId: AGENT,
    operation: 'pay',
    digest: 'x',
    approver: { by, self: false },
    of: '1',
    kind: 'user',
    objectId: ADA,
    blueprintId: undefined,
    requestedAt: NOW,
    expiresAt: NOW + 1000,
    state: 'pending',
    decidedBy: undefined,
  } as const;
}
