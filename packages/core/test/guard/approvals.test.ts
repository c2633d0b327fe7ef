import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  appClaims,
  DAEMON,
  type Json,
  NOW,
  OTHER_TENANT,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import {
  type ApprovalClaim,
  type ApprovalEvent,
  type ApprovalOptions,
  type ApprovalStore,
  type Approver,
  allOf,
  appPermissions,
  approval,
  check,
  createGuard,
  type DecisionEvent,
  type DecisionPlace,
  type Grant,
  type GuardSettings,
  LimitError,
  type LogEntry,
  limit,
  memoryApprovals,
  memoryBudgets,
  onEvent,
  PermissionError,
  scopes,
  UnavailableError,
  userRoles,
  whenAgent,
} from '../../src/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const AGENT = 'a9e27000-0000-4000-8000-000000000001';
const BLUEPRINT = 'b1000000-0000-4000-8000-000000000001';
const ofAgent = { azp: AGENT, xms_act_fct: '11', xms_par_app_azp: BLUEPRINT };
const approver: Approver = {
  kind: 'user',
  tenantId: TENANT,
  objectId: ADA,
  clientId: SPA,
  subjectKey: `${TENANT}/${ADA}`,
};
const write = scopes('Payments.Write');
const of = (request: { readonly body: unknown }) => request.body;
const release = (options: ApprovalOptions<{ readonly body: unknown }> = { of }): Grant =>
  allOf(write, whenAgent(approval('payments.release', options)));
const payment = { amount: 120, to: 'NL91ABNA0417164300' };

/** A request of Ada's agent, for a payment. */
const paying = (body: unknown = payment, claims: Json = {}) => ({
  body,
  headers: {
    authorization: `Bearer ${signed(userClaims({ scp: 'Payments.Write', ...ofAgent, ...claims }))}`,
  },
});

function guarding(settings: GuardSettings = {}) {
  let time = NOW;
  const now = () => time;
  const log: LogEntry[] = [];
  const events: (ApprovalEvent | DecisionEvent)[] = [];
  onTestFinished(onEvent((event) => void events.push(event), { types: ['approval', 'decision'] }));
  const approvals = memoryApprovals({ now });
  const guard = createGuard({
    ...contoso({ now, log: (entry) => void log.push(entry) }),
    approvals,
    ...settings,
  });
  onTestFinished(() => guard.close());
  const pass = (seconds: number): void => {
    time += seconds * 1000;
  };
  const needed = async (request = paying(), requirement = release()) => {
    const error = await refusalOf(guard.require(request, requirement));
    if (!PermissionError.is(error) || error.approval === undefined)
      throw new Error('no approval is needed', { cause: error });
    return error as PermissionError & { readonly approval: { readonly id: string } };
  };
  const approve = async (request = paying(), requirement = release()) => {
    const { approval: asked } = await needed(request, requirement);
    await approvals.decide(asked.id, { state: 'approved', by: approver });
    return asked.id;
  };
  return { guard, approvals, log, events, pass, needed, approve, now };
}

/** A store of the application, that answers as it is told. */
function storeThat(claim: () => unknown, more: Partial<ApprovalStore> = {}): ApprovalStore {
  return {
    ...withMethods(memoryApprovals({ now: () => NOW })),
    claim: async () => claim() as never,
    ...more,
  };
}

const withMethods = (store: ApprovalStore): ApprovalStore => ({
  shared: false,
  claim: (...given) => store.claim(...given),
  find: (id) => store.find(id),
  decide: (...given) => store.decide(...given),
  health: () => store.health(),
  close: () => store.close(),
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a call that needs an approval', () => {
  it('is answered with the request for one, and passes once when it is approved', async () => {
    const { guard, approvals, needed, events } = guarding();
    const error = await needed();
    expect(error).toMatchObject({ code: 'approval_required', status: 403 });
    const { id } = error.approval;
    expect(guard.toHttp(error)).toMatchObject({
      status: 403,
      headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' },
      body: {
        code: 'approval_required',
        approval: { id, expiresAt: new Date(NOW + 600_000).toISOString() },
      },
    });
    expect(guard.toHttp(error).headers).not.toHaveProperty('WWW-Authenticate');
    expect((await needed()).approval.id).toBe(id);
    await approvals.decide(id, { state: 'approved', by: approver });
    expect(await guard.require(paying({ to: payment.to, amount: 120 }), release())).toMatchObject({
      clientId: AGENT,
    });
    const replayed = await needed();
    expect(replayed.approval.id).not.toBe(id);
    const base = {
      v: 1,
      type: 'approval',
      time: NOW,
      operation: 'payments.release',
      argumentsDigest: expect.stringMatching(/^[\w-]{43}$/),
      tenantId: TENANT,
      agent: { clientId: AGENT, blueprintId: BLUEPRINT },
      subject: { kind: 'user', objectId: ADA, subjectKey: `${TENANT}/${ADA}` },
    };
    expect(events.filter(({ type }) => type === 'approval')).toEqual([
      { ...base, id, change: 'requested', expiresAt: NOW + 600_000 },
      { ...base, id, change: 'used', by: approver },
      { ...base, id: replayed.approval.id, change: 'requested', expiresAt: NOW + 600_000 },
    ]);
    expect(events.filter(({ type }) => type === 'decision')).toMatchObject([
      { outcome: 'deny', code: 'approval_required', approvalId: id },
      { outcome: 'deny', code: 'approval_required', approvalId: id },
      { outcome: 'allow', approvalId: id },
      { outcome: 'deny', code: 'approval_required', approvalId: replayed.approval.id },
    ]);
  });

  it('is asked for, approved and used where events have no listener', async () => {
    const approvals = memoryApprovals({ now: () => NOW });
    const guard = createGuard({ ...contoso({ now: () => NOW, log: false }), approvals });
    onTestFinished(() => guard.close());
    const error = (await refusalOf(guard.require(paying(), release()))) as PermissionError;
    const { id } = error.approval as { readonly id: string };
    await approvals.decide(id, { state: 'approved', by: approver });
    expect(await guard.require(paying(), release())).toMatchObject({ clientId: AGENT });
    expect(await approvals.find(id)).toBeUndefined();
  });

  it('shows nothing of what is approved in errors, logs and events', async () => {
    const { guard, needed, approve, log, events } = guarding();
    const error = await needed();
    await approve();
    await guard.require(paying(), release());
    const told = JSON.stringify([
      error,
      error.message,
      error.hint,
      error.stack,
      guard.toHttp(error),
      log,
      events,
    ]);
    for (const secret of ['120', 'NL91']) expect(told).not.toContain(secret);
  });

  it.each<[string, unknown, Json, Grant]>([
    ['for other arguments', { ...payment, amount: 121 }, {}, release()],
    ['with another argument', { ...payment, urgent: true }, {}, release()],
    ['by another agent', payment, { azp: DAEMON }, release()],
    ['for another person', payment, { oid: '99999999-0000-1111-2222-bbbbbbbbbbbb' }, release()],
    ['for another operation', payment, {}, allOf(write, approval('payments.refund', { of }))],
    ['by other approvers', payment, {}, release({ of, by: userRoles('Payments.Approver') })],
  ])('does not pass %s', async (_, body, claims, requirement) => {
    const { guard, approve } = guarding();
    await approve();
    expect((await refusalOf(guard.require(paying(body, claims), requirement))).code).toBe(
      'approval_required',
    );
    expect(await guard.require(paying(), release())).toBeDefined();
  });

  it('passes once of two that come at the same time', async () => {
    const { guard, approve } = guarding();
    await approve();
    const outcomes = await Promise.allSettled([1, 2].map(() => guard.require(paying(), release())));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('does not pass after the end of the approval, and asks for another one', async () => {
    const { approve, needed, pass } = guarding();
    const id = await approve(paying(), release({ of, validFor: '1m' }));
    pass(60);
    const error = await needed(paying(), release({ of, validFor: '1m' }));
    expect(error.approval).toEqual({ id: expect.any(String), expiresAt: NOW + 120_000 });
    expect(error.approval.id).not.toBe(id);
  });

  it('stays denied until the request ends', async () => {
    const { approvals, needed, pass, guard } = guarding();
    const { id } = (await needed()).approval;
    await approvals.decide(id, { state: 'denied', by: approver });
    const error = await needed();
    expect(error).toMatchObject({ code: 'approval_denied', status: 403, approval: { id } });
    expect(guard.toHttp(error).headers).not.toHaveProperty('WWW-Authenticate');
    pass(600);
    expect((await needed()).code).toBe('approval_required');
  });

  it('is refused with 429 where five wait already', async () => {
    const { guard, pass, needed } = guarding();
    for (let at = 0; at < 5; at++) {
      await needed(paying({ at }));
      pass(10);
    }
    const error = await refusalOf(guard.require(paying({ at: 5 }), release()));
    expect(LimitError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'limit_exceeded', status: 429, retryAfter: 550 });
    expect((await needed(paying({ at: 4 }))).code).toBe('approval_required');
  });

  it('passes without one where no agent is involved', async () => {
    const { guard } = guarding();
    const human = paying(payment, {
      xms_act_fct: '1',
      xms_sub_fct: '1',
      xms_par_app_azp: undefined,
      azp: SPA,
    });
    expect(await guard.require(human, release())).toMatchObject({ clientId: SPA });
    expect((await refusalOf(guard.require(human, allOf(write, approval('pay', { of }))))).code).toBe(
      'approval_required',
    );
  });

  it('asks the same, whatever Object.prototype says', async () => {
    const { guard, approvals, needed } = guarding();
    const byManagers = release({ of, by: userRoles('Payments.Approver') });
    const request = paying();
    await guard.require(request, write);
    const polluted = Object.prototype as Record<string, unknown>;
    const pollution = {
      self: true,
      by: { toJSON: () => ({ requirement: 'all' }) },
      of: () => 'something else',
      shows: true,
      approves: () => 'something else',
      approvalId: 'forged',
      url: 'https://evil.example',
      made: true,
    };
    Object.assign(polluted, pollution);
    let own: string;
    let others: string;
    try {
      const silent = allOf(write, approval('pay'));
      expect(await refusalOf(guard.require(request, silent))).toMatchObject({
        code: 'configuration_invalid',
      });
      const error = await needed(request, release());
      expect(Object.hasOwn(guard.toHttp(error).body.approval as object, 'url')).toBe(false);
      own = error.approval.id;
      others = (await needed(request, byManagers)).approval.id;
    } finally {
      for (const name of Object.keys(pollution)) delete polluted[name];
    }
    const expected = {
      by: '{"requirement":{"kind":"userRoles","values":["Payments.Approver"]}}',
      self: false,
    };
    expect((await approvals.find(own))?.approver).toEqual({ by: undefined, self: false });
    expect((await approvals.find(own))?.of).toBe(JSON.stringify(payment));
    expect((await approvals.find(others))?.approver).toEqual(expected);
  });

  it('is asked for by an app, for others to approve', async () => {
    const { guard, approvals, events } = guarding();
    const request = {
      body: payment,
      headers: { authorization: `Bearer ${signed(appClaims({ roles: ['Pay.All'] }))}` },
    };
    const own = allOf(appPermissions('Pay.All'), approval('pay', { of }));
    expect((await refusalOf(guard.require(request, own))).code).toBe('caller_kind_not_allowed');
    const byManagers = allOf(appPermissions('Pay.All'), approval('pay', { of, by: userRoles('M') }));
    const error = (await refusalOf(guard.require(request, byManagers))) as PermissionError;
    const record = await approvals.find(error.approval?.id ?? '');
    expect(record).toMatchObject({ kind: 'app', clientId: DAEMON, blueprintId: undefined });
    expect(JSON.parse(record?.approver.by ?? '')).toEqual({
      requirement: { kind: 'userRoles', values: ['M'] },
    });
    expect(events.find(({ type }) => type === 'approval')).toMatchObject({
      agent: { clientId: DAEMON },
      subject: { kind: 'app' },
    });
  });

  it('is judged last: after checks and limits, and not where something else refuses', async () => {
    const order: string[] = [];
    const step = (name: string) =>
      check(name, () => {
        order.push(name);
        return true;
      });
    const asked = (request: { readonly body: unknown }) => {
      order.push('approval');
      return request.body;
    };
    const { guard } = guarding({ budgets: memoryBudgets({ now: () => NOW }) });
    const requirement = allOf(
      write,
      approval('pay', { of: asked }),
      limit({ calls: 1, per: '1h' }),
      step('first'),
      step('second'),
    );
    expect((await refusalOf(guard.require(paying(), requirement))).code).toBe('approval_required');
    expect(order).toEqual(['first', 'second', 'approval']);
    expect((await refusalOf(guard.require(paying(), requirement))).code).toBe('limit_exceeded');
    expect((await refusalOf(guard.require(paying(payment, { scp: 'Other' }), requirement))).code).toBe(
      'scope_missing',
    );
    expect(order.filter((name) => name === 'approval')).toHaveLength(1);
  });

  it('is approved as it was when it was asked for, whatever changes later', async () => {
    const body = { amount: 120 };
    const { approvals, needed, guard, approve } = guarding();
    const error = await needed(paying(body));
    body.amount = 999_999;
    expect((await approvals.find(error.approval.id))?.of).toBe('{"amount":120}');
    await approve(paying({ amount: 120 }));
    expect((await refusalOf(guard.require(paying(body), release()))).code).toBe('approval_required');
  });

  it('is about what its place says, where the requirement does not', async () => {
    const { guard, approvals } = guarding();
    const tool = allOf(write, whenAgent(approval('payments.release')));
    const place: DecisionPlace = { approves: () => ({ tool: 'pay', amount: 1 }) };
    guard.declare(tool, 'pay', place);
    const error = (await refusalOf(guard.require(paying(), tool, place))) as PermissionError;
    expect((await approvals.find(error.approval?.id ?? ''))?.of).toBe('{"amount":1,"tool":"pay"}');
    const both = (await refusalOf(
      guard.require(paying(), release(), { ...place, request: { body: 'own' }, resolve: async () => 1 }),
    )) as PermissionError;
    expect((await approvals.find(both.approval?.id ?? ''))?.of).toBe('"own"');
  });
});

describe('what can not be approved', () => {
  const circle: { self?: object } = {};
  circle.self = circle;

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['a function', () => 1, 'a function'],
    ['a member that is undefined', { amount: undefined }, 'undefined'],
    ['a promise', Promise.resolve(1), 'an object of a class'],
    ['a date', { at: new Date(0) }, 'an object of a class'],
    ['a circle', circle, 'in a circle'],
    ['more than 16 KiB', 'x'.repeat(16_384), 'too large'],
  ])('is %s: the call is refused, and nothing is asked for', async (_, body, problem) => {
    const { guard, approvals } = guarding();
    const error = await refusalOf(guard.require(paying(), release({ of: () => body })));
    expect(error).toMatchObject({ code: 'check_failed', status: 500 });
    expect(error.message).toContain(`not plain JSON data of at most 16 KiB: `);
    expect(error.message).toContain(problem);
    expect(approvals.health().entries).toBe(0);
  });

  it('is what a function throws for', async () => {
    const { guard } = guarding();
    const cause = new Error('no body');
    const failing = release({
      of: () => {
        throw cause;
      },
    });
    expect(await refusalOf(guard.require(paying(), failing))).toMatchObject({
      code: 'check_failed',
      status: 500,
      cause,
    });
  });

  it('is refused when it is declared, and when it is judged all the same', async () => {
    const { guard } = guarding();
    const { guard: without } = guarding({ approvals: undefined as never });
    const silent = allOf(write, approval('pay'));
    expect(configurationSentence(() => guard.declare(silent, 'GET /'))).toContain(
      "approval('pay') does not say what is approved",
    );
    expect(configurationSentence(() => without.declare(release()))).toContain('no place to keep approvals');
    guard.declare(release());
    without.declare(write);
    expect(await refusalOf(guard.require(paying(), silent))).toMatchObject({ code: 'configuration_invalid' });
    expect(await refusalOf(without.require(paying(), release()))).toMatchObject({
      code: 'configuration_invalid',
    });
    expect(guard.approvals).toBeDefined();
    expect(without.approvals).toBeUndefined();
  });
});

describe('the store of a guard', () => {
  it.each([
    undefined,
    null,
    'used',
    [],
    {},
    { state: 'granted' },
    { state: 'used' },
    { state: 'used', record: {} },
    { state: 'pending', record: { id: 1 } },
    Object.create({ state: 'used' }) as object,
  ])('that gives %o lets no call in', async (claim) => {
    const { guard } = guarding({ approvals: storeThat(() => claim) });
    const error = await refusalOf(guard.require(paying(), release()));
    expect(error).toMatchObject({ code: 'approvals_unavailable', status: 503, part: 'approvals' });
  });

  it.each<[string, (claim: Extract<ApprovalClaim, { state: 'used' }>) => unknown]>([
    ['of another call', (claim) => ({ ...claim, record: { ...claim.record, digest: 'other' } })],
    ['that is pending', (claim) => ({ ...claim, record: { ...claim.record, state: 'pending' } })],
    ['by no person', (claim) => ({ ...claim, record: { ...claim.record, decidedBy: undefined } })],
    [
      'by a person of another tenant',
      (claim) => ({
        ...claim,
        record: { ...claim.record, decidedBy: { ...approver, tenantId: OTHER_TENANT } },
      }),
    ],
    ['without an end', (claim) => ({ ...claim, record: { ...claim.record, expiresAt: 'never' } })],
    ['without an ID', (claim) => ({ ...claim, record: { ...claim.record, id: undefined } })],
    ['without approvers', (claim) => ({ ...claim, record: { ...claim.record, approver: undefined } })],
  ])('that gives an approval %s lets no call in', async (_, change) => {
    const now = () => NOW;
    const memory = memoryApprovals({ now });
    const store = withMethods(memory);
    const { guard, needed } = guarding({ approvals: store });
    const { id } = (await needed()).approval;
    await memory.decide(id, { state: 'approved', by: approver });
    const { claim } = store;
    Object.assign(store, {
      claim: async (...given: Parameters<typeof claim>) => change((await claim(...given)) as never),
    });
    expect(await refusalOf(guard.require(paying(), release()))).toMatchObject({
      code: 'approvals_unavailable',
    });
  });

  it('that throws or hangs lets no call in; its own refusals are passed on', async () => {
    const cause = new Error('ECONNREFUSED');
    const throwing = guarding({
      approvals: storeThat(() => {
        throw cause;
      }),
    });
    expect(await refusalOf(throwing.guard.require(paying(), release()))).toMatchObject({
      code: 'approvals_unavailable',
      cause,
    });
    const own = new UnavailableError({ part: 'approvals', message: 'x', hint: 'y', retryAfter: 7 });
    const refusing = guarding({
      approvals: storeThat(() => {
        throw own;
      }),
    });
    expect(await refusalOf(refusing.guard.require(paying(), release()))).toBe(own);
    const hanging = guarding({
      approvals: storeThat(() => undefined, { claim: () => new Promise(() => {}) }),
    });
    // Keys are read before the clock stands still.
    await hanging.guard.require(paying(), write);
    vi.useFakeTimers();
    const refusal = refusalOf(hanging.guard.require(paying(), release()));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await refusal).toMatchObject({ code: 'approvals_unavailable' });
  });

  it.each<[unknown, number]>([
    [NOW + 7000, 7],
    [NOW - 7000, 1],
    [NOW + 9e9, 600],
    ['soon', 600],
    [undefined, 600],
  ])('that is full until %s has callers wait for %i seconds', async (until, retryAfter) => {
    const { guard } = guarding({ approvals: storeThat(() => ({ state: 'full', until })) });
    expect(await refusalOf(guard.require(paying(), release()))).toMatchObject({ status: 429, retryAfter });
  });

  it('may have a page of its own', async () => {
    const approveUrl = (id: string) => `https://approve.contoso.com/${id}`;
    const { guard } = guarding({ approvals: memoryApprovals({ approveUrl, now: () => NOW }) });
    const error = (await refusalOf(guard.require(paying(), release()))) as PermissionError;
    expect(error.approval?.url).toBe(approveUrl(error.approval?.id ?? ''));
    expect(guard.toHttp(error).body.approval?.url).toBe(error.approval?.url);
  });

  it.each([7, '', 'javascript:alert(1)', 'https://x/a b'])('refuses the page %j', async (url) => {
    const approveUrl = () => url as string;
    const { guard } = guarding({ approvals: memoryApprovals({ approveUrl, now: () => NOW }) });
    expect(await refusalOf(guard.require(paying(), release()))).toMatchObject({
      code: 'configuration_invalid',
    });
  });

  it.each([7, {}, { claim: () => {} }, { ...withMethods(memoryApprovals()), close: 1 }])(
    'can not be %o',
    (approvals) => {
      expect(
        configurationSentence(() => createGuard({ ...contoso(), approvals: approvals as never })),
      ).toMatch(/^approvals is .* without the method (claim|find|close)\. Pass a store/);
    },
  );

  it('is part of the health of the guard, and closed with it', async () => {
    const close = vi.fn(async () => {});
    const store = Object.assign(withMethods(memoryApprovals()), { close });
    const { guard } = guarding({ approvals: store });
    expect((await guard.health()).parts).toContainEqual(
      expect.objectContaining({ part: 'approvals', status: 'up', shared: false }),
    );
    Object.assign(store, { health: () => ({ part: 'approvals', status: 'down', message: 'Away.' }) });
    expect(await guard.health()).toMatchObject({ status: 'down', message: expect.stringContaining('Away.') });
    await guard.close();
    expect(close).toHaveBeenCalledOnce();
  });
});
