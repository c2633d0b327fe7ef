import { randomUUID } from 'node:crypto';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from './client.js';
import { production } from './read-token.js';

const NOW = 1_790_000_000_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const C1 = { access_token: { acrs: { essential: true, value: 'c1' } } };
const GITHUB = 'https://token.actions.githubusercontent.com';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({
    now: () => NOW,
    tenants: ['contoso', 'fabrikam'],
    apps: {
      orders: { scopes: ['Orders.Read'] },
      stock: { scopes: ['Stock.Read'] },
      payroll: { scopes: ['Pay.Read'], assignmentRequired: true, assignments: {} },
      web: {},
      phone: { platform: 'public' },
      job: { secrets: [{ value: 'old', expires: '2020-01-01T00:00:00Z' }, { value: 'new' }] },
      workflow: {
        federatedCredentials: [{ issuer: GITHUB, subject: 'repo:contoso/orders', jwks: { keys: [] } }],
      },
    },
  });
});
afterAll(() => entra.close());

/** What a row did to the directory. */
const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

const scopeOf = (api: string) => `offline_access api://${entra.clientIdOf(api)}/.default`;
const jwt = (payload: Answer) =>
  `${[{ alg: 'RS256' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.AAAA`;

/** Sends a form to the token endpoint. */
async function post(form: Readonly<Record<string, string>>, tenant = entra.tenantId): Promise<Response> {
  return entra.fetch(`${production}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
}

const client = (name: string, form: Readonly<Record<string, string>> = {}) => ({
  client_id: entra.clientIdOf(name),
  ...form,
});
const alone = (form: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'client_credentials',
  scope: scopeOf('orders').replace('offline_access ', ''),
  ...client('web', { client_secret: 'any' }),
  ...form,
});
const refresh = async (form: Readonly<Record<string, string>> = {}, user = 'ada') => {
  const { body } = await new Client(entra).signIn(user, { scope: scopeOf('orders') });
  return {
    grant_type: 'refresh_token',
    refresh_token: String(body.refresh_token),
    ...client('web'),
    ...form,
  };
};
const code = async (form: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'authorization_code',
  code: (await new Client(entra).authorize('ada', { scope: scopeOf('orders') })).get('code') ?? '',
  redirect_uri: 'http://localhost:3000/',
  ...client('web'),
  ...form,
});
const onBehalfOf = (form: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  requested_token_use: 'on_behalf_of',
  assertion: entra.user('ada', { api: 'orders' }).token,
  scope: scopeOf('stock'),
  ...client('orders', { client_secret: 'any' }),
  ...form,
});

type Refusal = [
  what: string,
  answer: () => Promise<Response>,
  code: number,
  error: string,
  status: number,
  more?: Answer,
];

const refusals: readonly Refusal[] = [
  ['no grant_type', async () => post({}), 900_144, 'invalid_request', 400],
  [
    'an unknown grant_type',
    async () => post({ grant_type: 'password' }),
    70_003,
    'unsupported_grant_type',
    400,
  ],
  ['no client', async () => post({ grant_type: 'refresh_token' }), 900_144, 'invalid_request', 400],
  ['no scope', async () => post(alone({ scope: '' })), 900_144, 'invalid_request', 400],
  ['another tenant', async () => post(alone(), 'nowhere'), 90_002, 'invalid_tenant', 400],
  ['a user at another tenant', async () => post(await refresh(), 'nowhere'), 90_002, 'invalid_tenant', 400],
  ['a code at the wrong tenant', async () => post(await code(), 'fabrikam'), 700_005, 'invalid_grant', 400],
  [
    'a refresh token at the wrong tenant',
    async () => post(await refresh(), 'fabrikam'),
    50_020,
    'invalid_grant',
    400,
  ],
  [
    'an assertion at the wrong tenant',
    async () => post(onBehalfOf(), 'fabrikam'),
    50_013,
    'invalid_grant',
    400,
  ],
  ['a code of another client', async () => post(await code(client('phone'))), 70_000, 'invalid_grant', 400],
  [
    'a refresh token of another client',
    async () => post(await refresh(client('phone'))),
    70_000,
    'invalid_grant',
    400,
  ],
  [
    'an unknown scope',
    async () => post(await refresh({ scope: `api://${entra.clientIdOf('orders')}/Orders.Delete` })),
    650_053,
    'invalid_scope',
    400,
  ],
  [
    'an unknown API',
    async () => post(alone({ scope: 'api://elsewhere/.default' })),
    500_011,
    'invalid_resource',
    400,
  ],
  [
    'another resource',
    async () => post(await refresh({ resource: 'https://elsewhere.example/' })),
    9_010_010,
    'invalid_target',
    400,
  ],
  [
    'itself by its URI',
    async () => post(onBehalfOf({ scope: scopeOf('orders') })),
    90_009,
    'invalid_request',
    400,
  ],
  [
    'an unknown client',
    async () => post(alone({ client_id: '99999999-0000-4000-8000-000000000000' })),
    700_016,
    'unauthorized_client',
    400,
  ],
  [
    'a wrong secret',
    async () => post(alone(client('job', { client_secret: 'wrong' }))),
    7_000_215,
    'invalid_client',
    401,
  ],
  [
    'an expired secret',
    async () => post(alone(client('job', { client_secret: 'old' }))),
    7_000_222,
    'invalid_client',
    401,
  ],
  [
    'no secret',
    async () => post({ ...(await refresh()), ...client('job') }),
    7_000_218,
    'invalid_client',
    401,
  ],
  [
    'a secret of a public client',
    async () => post({ ...(await refresh()), ...client('phone', { client_secret: 'any' }) }),
    700_025,
    'invalid_client',
    401,
  ],
  [
    'an assertion without a certificate',
    async () =>
      post({
        ...alone(client('web')),
        client_secret: '',
        client_assertion: jwt({}),
        client_assertion_type: ASSERTION,
      }),
    700_027,
    'invalid_client',
    401,
  ],
  [
    'a federated subject that is not registered',
    async () =>
      post({
        ...alone(client('workflow')),
        client_secret: '',
        client_assertion: jwt({ iss: GITHUB, sub: 'repo:evil/orders', aud: 'api://AzureADTokenExchange' }),
        client_assertion_type: ASSERTION,
      }),
    700_213,
    'invalid_client',
    401,
  ],
  [
    'a user who is not assigned',
    async () => post(await refresh({ scope: scopeOf('payroll') })),
    50_105,
    'invalid_grant',
    400,
  ],
  [
    'an app that is not assigned',
    async () => post(alone({ scope: `api://${entra.clientIdOf('payroll')}/.default` })),
    501_051,
    'invalid_grant',
    400,
  ],
  [
    'a removed user',
    async () => {
      const form = await refresh();
      undo.push(entra.remove('ada'));
      return post(form);
    },
    50_034,
    'invalid_grant',
    400,
  ],
  [
    'a disabled user',
    async () => {
      const form = await refresh();
      undo.push(entra.disable('ada'));
      return post(form);
    },
    50_057,
    'invalid_grant',
    400,
  ],
  [
    'ended sign-ins',
    async () => {
      const form = await refresh({}, 'grace');
      entra.revokeSessions('grace');
      return post(form);
    },
    50_173,
    'invalid_grant',
    400,
  ],
  [
    'what Conditional Access demands',
    async () => {
      const form = await refresh();
      undo.push(entra.conditionalAccess('ada', 'orders', { claims: C1 }));
      return post(form);
    },
    50_076,
    'invalid_grant',
    400,
    { suberror: 'basic_action', claims: JSON.stringify(C1) },
  ],
  [
    'what Conditional Access blocks',
    async () => {
      const form = await refresh();
      undo.push(entra.conditionalAccess('ada', 'orders'));
      return post(form);
    },
    53_003,
    'invalid_grant',
    400,
    { suberror: 'message_only', claims: expect.stringMatching(/^\{"access_token":\{"capolids":\{/) },
  ],
];

describe('the token endpoint refuses', () => {
  it.each(refusals)('%s', async (_, answer, aadsts, error, status, more = {}) => {
    const response = await answer();
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as Answer;
    expect(body).toEqual({
      error,
      error_description: expect.stringMatching(
        new RegExp(
          `^AADSTS${aadsts}: .+\\. Trace ID: ${body.trace_id} Correlation ID: ${body.correlation_id} Timestamp: `,
        ),
      ),
      error_codes: [aadsts],
      timestamp: '2026-09-21 14:13:20Z',
      trace_id: expect.stringMatching(GUID),
      correlation_id: expect.stringMatching(GUID),
      error_uri: `https://login.microsoftonline.com/error?code=${aadsts}`,
      ...more,
    });
    expect(response.headers.get('x-ms-request-id')).toBe(body.trace_id);
  });
});

describe('the correlation ID of a refusal', () => {
  const id = randomUUID();
  const url = `${production}/common/oauth2/v2.0/token`;

  it.each<[string, string, Readonly<Record<string, string>>, boolean]>([
    ['the client’s, in the query, as MSAL sends it', `?client-request-id=${id}`, {}, true],
    ['the client’s, in a header, as Azure’s libraries send it', '', { 'client-request-id': id }, true],
    ['new where the client sends anything but a GUID', '?client-request-id=%3Cscript%3E', {}, false],
  ])('is %s', async (_, query, headers, echoed) => {
    const answer = await entra.fetch(url + query, { method: 'POST', headers, body: new URLSearchParams() });
    const { correlation_id: correlation } = (await answer.json()) as Answer;
    expect(correlation).toMatch(GUID);
    expect(correlation === id).toBe(echoed);
    expect(answer.headers.get('client-request-id')).toBe(correlation);
  });
});
