import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  appClaims,
  NOW,
  OTHER_TENANT,
  ofTenant,
  SPA,
  signed,
  TENANT,
} from '../../../../test/support/forger.js';
import {
  type AuthContext,
  createGuard,
  type Guard,
  type GuardOptions,
  memoryRevocations,
  onEvent,
  type Target,
} from '../../src/index.js';
import { type RevocationRequestOptions, RevocationRequests } from '../../src/revocation.js';
import type { Validator } from '../../src/token/validator-contract.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const because = 'left the company, HR-1234';
const ada = { user: ADA, tenantId: TENANT };
const iso = (time: number) => new Date(time).toISOString();
const ofDaemon = (tenant: string, ...roles: readonly string[]) => ({
  headers: { authorization: `Bearer ${signed(ofTenant(tenant, appClaims({ roles })))}` },
});
const MANAGER = ofDaemon(TENANT, 'Revocations.Manage.All');
const STRANGER = ofDaemon(OTHER_TENANT, 'Revocations.Manage.All');

function handling(options: RevocationRequestOptions = {}, several = false) {
  const clock = { now: NOW };
  const revocations = memoryRevocations({ now: () => clock.now });
  const { tenantId: _, ...rest } = contoso({ now: () => clock.now });
  const authority = several ? { ...rest, tenants: [TENANT, OTHER_TENANT] } : { ...rest, tenantId: TENANT };
  const requests = new RevocationRequests(createGuard({ ...authority, revocations }), options);
  const ask = (
    method: string,
    more: { as?: typeof MANAGER; id?: string; query?: string; body?: unknown } = {},
  ) =>
    requests.answer({
      request: more.as ?? MANAGER,
      method,
      id: more.id,
      query: new URLSearchParams(more.query),
      body: async () => more.body,
    });
  return { revocations, ask, clock };
}

describe('requests about revocations', () => {
  it('revoke once, list in ISO 8601, and lift with a reason in body or query', async () => {
    const { ask, revocations } = handling();
    const body = { target: ada, because, issuedBefore: iso(NOW), until: null };
    const made = await ask('POST', { body });
    expect(made).toMatchObject({
      status: 201,
      body: { issuedBefore: iso(NOW), at: iso(NOW), source: 'api' },
    });
    expect(await ask('POST', { body })).toEqual({ ...made, status: 200 });
    const session = {
      target: { session: 'S', tenantId: TENANT },
      because,
      until: iso(NOW + 7),
      source: 'hr',
    };
    expect((await ask('POST', { body: session })).body).toMatchObject({
      until: iso(NOW + 7),
      source: 'api/hr',
    });
    const expiresAt = iso(NOW + 1000);
    const token = await ask('POST', { body: { target: { token: 'T', expiresAt }, because } });
    expect(token.body).toMatchObject({ target: { token: 'T', expiresAt } });
    const ban = await ask('POST', { body: { target: ada, because } });
    expect(ban.body).toMatchObject({ until: null });
    const list = async (query: string) =>
      ((await ask('GET', { query })).body as { revocations: readonly object[] }).revocations;
    expect(await list('')).toHaveLength(4);
    expect(await list(new URLSearchParams(ada).toString())).toEqual([made.body, ban.body]);
    expect(await list('token=T')).toEqual([token.body]);
    expect(await list('everyone=true')).toEqual([]);
    const [first, second] = revocations.list(ada as Target);
    expect(await refusalOf(ask('DELETE', { id: first?.id ?? '' }))).toMatchObject({
      code: 'request_invalid',
    });
    expect(await ask('DELETE', { id: first?.id ?? '', body: { because } })).toEqual({
      status: 204,
      body: undefined,
    });
    expect(
      await ask('DELETE', { id: (second?.id ?? '').toUpperCase(), query: 'because=back' }),
    ).toMatchObject({
      status: 204,
    });
    expect(await refusalOf(ask('DELETE', { id: 'x', body: { because } }))).toMatchObject({ status: 404 });
  });

  it.each<[unknown, string]>([
    [undefined, 'The body is undefined, which is not a JSON object.'],
    [{ target: ada, because, reason: 'x' }, "no member of the body called 'reason'"],
    [{ target: 'anyone', because }, 'The target is anyone.'],
    [{ target: ada }, 'because is undefined'],
    [{ target: ada, because, issuedBefore: NOW }, 'which is not a time in ISO 8601'],
    [{ target: { token: 'T', expiresAt: NOW }, because }, 'target: expiresAt is'],
  ])('%o is not understood', async (body, sentence) => {
    const { ask, revocations } = handling();
    const error = await refusalOf(ask('POST', { body }));
    expect(error).toMatchObject({ status: 400, code: 'request_invalid' });
    expect(error.message).toContain(sentence);
    expect(revocations.list()).toEqual([]);
  });

  it('a query that names no target, or names one twice, is not understood', async () => {
    const { ask } = handling();
    for (const query of ['user=x', 'user=x&user=y', 'everyone=true&user=x', 'everyone=yes']) {
      expect(await refusalOf(ask('GET', { query }))).toMatchObject({ code: 'request_invalid' });
    }
  });

  it('what a store of the application throws is not a mistake of the caller', async () => {
    const { revocations, ask } = handling();
    Object.assign(revocations, { revoke: () => Promise.reject(new Error('own store')) });
    await expect(ask('POST', { body: { target: ada, because } })).rejects.toThrow('own store');
  });

  it('have two paths, with their methods', async () => {
    const { ask } = handling();
    expect(await refusalOf(ask('PUT'))).toMatchObject({ status: 405, allow: ['GET', 'POST'] });
    expect(await refusalOf(ask('GET', { id: 'x' }))).toMatchObject({ status: 405, allow: ['DELETE'] });
  });

  it.each<[unknown, boolean, boolean]>([
    [{ user: ADA, tenantId: TENANT }, true, false],
    [{ token: 'T', expiresAt: iso(NOW + 1) }, true, false],
    [{ client: SPA }, false, false],
    [{ tenant: OTHER_TENANT }, false, false],
    [{ user: ADA, tenantId: OTHER_TENANT }, true, true],
  ])('reach %o: an operator %o, a caller of another tenant %o', async (target, operator, stranger) => {
    for (const [as, may] of [
      [MANAGER, operator],
      [STRANGER, stranger],
    ] as const) {
      const { ask, revocations } = handling({ operatorTenants: [TENANT] }, true);
      const answer = ask('POST', { as, body: { target, because } });
      if (may) expect(await answer).toMatchObject({ status: 201 });
      else expect(await refusalOf(answer)).toMatchObject({ code: 'target_not_allowed', status: 403 });
      expect(revocations.list()).toHaveLength(may ? 1 : 0);
    }
  });

  it('see and lift records of their tenant alone', async () => {
    const { ask, revocations } = handling({ operatorTenants: [TENANT] }, true);
    const { id } = await revocations.revoke(ada, { because });
    const own = await revocations.revoke({ user: ADA, tenantId: OTHER_TENANT }, { because });
    const wide = await revocations.revoke(
      { tenant: OTHER_TENANT },
      { because, issuedBefore: NOW - 86_400_000 },
    );
    expect((await ask('GET', { as: STRANGER })).body).toMatchObject({
      revocations: [{ id: own.id }, { id: wide.id }],
    });
    expect(await refusalOf(ask('DELETE', { as: STRANGER, id, body: { because } }))).toMatchObject({
      status: 404,
    });
    const error = await refusalOf(ask('DELETE', { as: STRANGER, id: wide.id, body: { because } }));
    expect(error).toMatchObject({ status: 403, code: 'target_not_allowed' });
    expect(await ask('DELETE', { as: STRANGER, id: own.id, body: { because } })).toMatchObject({
      status: 204,
    });
  });

  it('of an API of one tenant are all about it, and wide targets have to be named', async () => {
    const { ask } = handling({ allow: ['client'] });
    const refused = ask('POST', { body: { target: { user: ADA, tenantId: OTHER_TENANT }, because } });
    expect(await refusalOf(refused)).toMatchObject({ code: 'target_not_allowed' });
    expect(await ask('POST', { body: { target: { client: SPA }, because } })).toMatchObject({ status: 201 });
  });

  it('are limited to 600 a minute and caller', async () => {
    const { ask, clock } = handling({ operatorTenants: [] }, true);
    for (let sent = 0; sent < 600; sent++) await ask('GET');
    clock.now += 30_000;
    expect(await refusalOf(ask('GET'))).toMatchObject({ code: 'limit_exceeded', retryAfter: 30 });
    await ask('GET', { as: STRANGER });
    clock.now += 30_000;
    await ask('GET');
  });

  it('are counted for ten thousand callers at most', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    const guard = createGuard({ ...contoso(), revocations });
    let caller = 0;
    const many = {
      revocations,
      validator: guard.validator,
      decide: async () => ({ subjectKey: String(caller), tenantId: TENANT }) as AuthContext,
    } as unknown as Guard;
    const requests = new RevocationRequests(many);
    const list = () =>
      requests.answer({
        request: MANAGER,
        method: 'GET',
        id: undefined,
        query: new URLSearchParams(),
        body: async () => {},
      });
    for (let sent = 0; sent <= 600; sent++) await list().catch(() => {});
    expect(await refusalOf(list())).toMatchObject({ code: 'limit_exceeded' });
    for (caller = 1; caller <= 10_000; caller++) await list();
    caller = 0;
    expect(await list()).toMatchObject({ status: 200 });
  });

  it('tell who asked for what, and why', async () => {
    const events: unknown[] = [];
    const { ask } = handling();
    const stop = onEvent((event) => events.push(event), { types: ['revocation'] });
    onTestFinished(stop);
    const { body } = await ask('POST', { body: { target: ada, because } });
    const { id } = body as { id: string };
    await ask('DELETE', { id, body: { because: 'came back' } });
    expect(events).toMatchObject([
      { change: 'revoked', id },
      { change: 'requested', action: 'revoke', id, because, by: { kind: 'app', tenantId: TENANT } },
      { change: 'lifted', id },
      { change: 'requested', action: 'lift', id, because: 'came back', by: { kind: 'app' } },
    ]);
  });
});

it.each<[object, GuardOptions | undefined, string]>([
  [{}, contoso(), 'a guard without the setting revocations'],
  [{ allow: ['user'] }, undefined, 'allow is [user].'],
  [{ allow: 'tenant' }, undefined, 'allow is tenant.'],
  [{ operatorTenants: ['x'] }, undefined, 'operatorTenants is [x].'],
  [{ operatorTenants: TENANT }, undefined, `operatorTenants is ${TENANT}.`],
  [{ operators: [] }, undefined, "There is no option of the routes of revocations called 'operators'."],
])('%o: it has to be clear who may revoke', (options, guardOptions, sentence) => {
  const revocations = memoryRevocations();
  const guard = createGuard(guardOptions ?? { ...contoso(), revocations });
  expect(configurationSentence(() => new RevocationRequests(guard, options))).toContain(sentence);
  const foreign = { validate: () => Promise.reject(new Error('not here')) } as unknown as Validator;
  const of = createGuard({ validator: foreign, revocations });
  expect(configurationSentence(() => new RevocationRequests(of))).toContain('Several tenants are accepted');
});
