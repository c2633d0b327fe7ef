import {
  allOf,
  approval,
  approvalRoutes,
  entraGuard,
  handlersIn,
  memoryApprovals,
  scopes,
  userRoles,
  whenAgent,
} from '@entra-guard/express';
import { createGuardedDocument } from '@entra-guard/express/openapi';
import { startEntra } from '@entra-guard/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../support/contoso.js';
import { fetchFromMemory, type Json, NOW, signed, userClaims } from '../../support/forger.js';
import { listen } from '../../support/listen.js';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';
import { majors } from './majors.js';

const AGENT = 'a9e27000-0000-4000-8000-000000000001';
const GRACE = '99999999-0000-1111-2222-bbbbbbbbbbbb';
const origin = 'https://orders.contoso.com';
const scp = 'Payments.Write Approvals.Decide';
const tokenOf = (claims: Json) => signed(userClaims({ scp, ...claims }));
const agent = tokenOf({ azp: AGENT, xms_act_fct: '11', xms_sub_fct: '1' });
const human = { xms_act_fct: '1', xms_sub_fct: '1' };
const ada = tokenOf(human);
const grace = tokenOf({ ...human, oid: GRACE, roles: ['Approver'] });
const allow = scopes('Approvals.Decide');
const REQUIRED = "allOf(delegated(), noAgents(), scopes('Approvals.Decide'))";

describe.each(majors)('approvals on %s', (_, express) => {
  async function serving({ at = '', by = false } = {}) {
    const guard = entraGuard({
      ...contoso({ fetch: fetchFromMemory }),
      log: false,
      approvals: memoryApprovals({ now: () => NOW }),
    });
    const app = express();
    const routes = approvalRoutes(guard, { origin, allow });
    if (at === '') app.use(routes);
    else app.use(at, routes);
    app.use(express.json());
    const release = approval('payments.release', {
      of: (request: { readonly body: { readonly amount: number } }) => ({ amount: request.body.amount }),
      ...(by ? { by: userRoles('Approver') } : {}),
    });
    app.post(
      '/payments',
      guard.require(allOf(scopes('Payments.Write'), whenAgent(release))),
      (_req, res) => void res.status(201).json({ released: true }),
    );
    guard.assertAllGuarded(app);
    const host = await listen(app);
    onTestFinished(() => host.close());
    const call = async (
      method: string,
      path: string,
      token?: string,
      body?: unknown,
      headers: object = {},
    ) => {
      const answer = await fetch(`${host.origin}${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.headers,
        body: text.startsWith('{') ? JSON.parse(text) : undefined,
      };
    };
    const pay = (amount: number, token = agent) => call('POST', '/payments', token, { amount });
    return { call, pay, routes, app };
  }

  it.each([
    ['', '/approvals'],
    ['/api', '/api/approvals'],
    ['/approvals', '/approvals'],
    ['/api/approvals', '/api/approvals'],
  ])('mounted at "%s": an agent asks, the person approves, and the call passes once', async (at, path) => {
    const { call, pay, routes } = await serving({ at });
    const asked = await pay(120);
    expect(asked).toMatchObject({
      status: 403,
      body: {
        code: 'approval_required',
        detail: 'This needs an approval first.',
        approval: { expiresAt: new Date(NOW + 600_000).toISOString() },
      },
    });
    expect(asked.headers.get('www-authenticate')).toBeNull();
    expect(asked.headers.get('content-type')).toBe('application/problem+json');
    const { id, url } = asked.body.approval;
    expect(url).toBe(`${origin}/approvals/${id}`);
    expect(routes.approveUrl(id)).toBe(url);
    const shown = await call('GET', `${path}/${id}`, ada);
    expect(shown).toMatchObject({
      status: 200,
      body: {
        id,
        operation: 'payments.release',
        of: { amount: 120 },
        agent: { clientId: AGENT },
        state: 'pending',
      },
    });
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(await call('POST', `${path}/${id}/approve`, agent)).toMatchObject({
      status: 403,
      body: { code: 'agent_not_allowed' },
    });
    expect(await call('POST', `${path}/${id}/approve`, ada, { any: 'body' })).toMatchObject({
      status: 200,
      body: { state: 'approved' },
    });
    expect(await pay(121)).toMatchObject({ status: 403, body: { code: 'approval_required' } });
    expect(await pay(120)).toMatchObject({ status: 201 });
    expect(await pay(120)).toMatchObject({ status: 403, body: { code: 'approval_required' } });
    expect(await call('GET', `${path}/${id}`, ada)).toMatchObject({ status: 404 });
    expect(await pay(7, ada)).toMatchObject({ status: 201 });
  });

  it('another approves with `by`, and not the person', async () => {
    const { call, pay } = await serving({ by: true });
    const { id } = (await pay(120)).body.approval;
    expect((await call('GET', `/approvals/${id}`, ada)).status).toBe(404);
    expect((await call('POST', `/approvals/${id}/deny`, grace)).body).toMatchObject({ state: 'denied' });
    expect(await pay(120)).toMatchObject({
      status: 403,
      body: { code: 'approval_denied', approval: { id } },
    });
    expect(await call('POST', `/approvals/${id}/approve`, grace)).toMatchObject({
      status: 403,
      body: { code: 'approval_denied' },
    });
  });

  it('no other site can approve: a cookie is not a token', async () => {
    const { call, pay } = await serving();
    const { id } = (await pay(120)).body.approval;
    const cookie = { cookie: `token=${ada}`, origin: 'https://evil.example' };
    expect((await call('POST', `/approvals/${id}/approve`, undefined, {}, cookie)).status).toBe(401);
    expect((await call('POST', `/approvals/${id}/approve?access_token=${ada}`)).status).toBe(401);
    expect((await call('GET', `/approvals/${id}`, ada)).body).toMatchObject({ state: 'pending' });
  });

  it.each<[string, string, number]>([
    ['GET', '/approvals/x', 404],
    ['GET', '/approvals/%2e%2e', 404],
    ['POST', '/approvals/x', 405],
    ['GET', '/approvals/x/approve', 405],
    ['DELETE', '/approvals/x', 405],
    ['GET', '/approvals', 404],
    ['GET', '/approvals/x/y', 404],
    ['GET', '/approvalsx/x', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const { call } = await serving();
    expect((await call(method, path, ada)).status).toBe(status);
  });

  it.each([
    ['', '/approvals'],
    ['/api', '/api/approvals'],
    ['/approvals', '/approvals'],
  ])('mounted at "%s" are in the inventory, where they answer', async (at, path) => {
    const { app } = await serving({ at });
    expect(
      handlersIn(app)
        .map(({ method, path, access }) => [
          method,
          path,
          access.kind === 'requirement' ? String(access.requirement) : access.kind,
        ])
        .filter(([, one]) => one !== '/payments'),
    ).toEqual([
      ['GET', `${path}/:id`, REQUIRED],
      ['POST', `${path}/:id/approve`, REQUIRED],
      ['POST', `${path}/:id/deny`, REQUIRED],
    ]);
  });

  it('are in the OpenAPI document, with the 429 of what asks for them', async () => {
    const entra = await startEntra({ apps: registrations });
    onTestFinished(() => entra.close());
    const guard = entraGuard({ ...guardOptions(entra), approvals: memoryApprovals() });
    const app = express();
    app.use(approvalRoutes(guard, { origin, allow }));
    app.post(
      '/payments',
      guard.require(allOf(scopes('A'), approval('pay', { of: () => 1 }))),
      (_req, res) => void res.end(),
    );
    const document = await createGuardedDocument(app, guard, {
      openapi: '3.1.0',
      info: { title: 'Orders', version: '1' },
    });
    expect(document).toMatchObject({
      paths: {
        '/approvals/{id}': { get: { security: expect.any(Array) } },
        '/approvals/{id}/approve': { post: { parameters: [{ name: 'id', in: 'path' }] } },
        '/approvals/{id}/deny': { post: { security: expect.any(Array) } },
        '/payments': { post: { responses: { '403': expect.any(Object), '429': expect.any(Object) } } },
      },
    });
  });

  it('are refused when they are declared over HTTP without what is approved, or without a store', () => {
    const options = { ...contoso({ fetch: fetchFromMemory }), log: false } as const;
    const guard = entraGuard({ ...options, approvals: memoryApprovals() });
    expect(() => guard.require(allOf(scopes('A'), approval('pay')))).toThrow('does not say what is approved');
    const without = entraGuard(options);
    const needing = allOf(scopes('A'), approval('pay', { of: () => 1 }));
    expect(() => without.require(needing)).toThrow('no place to keep approvals in');
    expect(() => approvalRoutes(without, { origin })).toThrow('without the setting approvals');
    expect(() => approvalRoutes({} as never, { origin })).toThrow('something else than a guard');
    expect(() => approvalRoutes(guard, {} as never)).toThrow(
      'origin of the routes of approvals is undefined',
    );
  });
});
