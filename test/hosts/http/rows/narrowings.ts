import type { ErrorCode } from '@entra-guard/core';
import type { LocalEntra, UserClaims } from '@entra-guard/testing';
import { sentenceOf } from '../../../support/sentences.js';
import { DIRECTORS, MANAGERS } from '../routes.js';
import { bearer, challenge, get, type HttpRow, type Refused } from '../row.js';

const reader = (entra: LocalEntra, claims: UserClaims = {}) =>
  bearer(entra.user('ada', { scp: 'Orders.Read', ...claims }));

/** The caller has every permission that is asked for: to name them would send the client round in circles. */
const refused = (code: ErrorCode, description = sentenceOf(code)): Refused => ({
  status: 403,
  code,
  challenge: challenge('insufficient_scope', description),
});
/** The token lacks an optional claim: it is named, so that the API's registration can be fixed. */
const unknown = (code: ErrorCode, claim: string): Refused => ({
  ...refused(code, `${sentenceOf(code)} The access token does not carry the claim ${claim}.`),
  claim,
});

const wrongKind: Refused = {
  status: 403,
  code: 'caller_kind_not_allowed',
  challenge: challenge('insufficient_scope', sentenceOf('caller_kind_not_allowed')),
};
const secondsNow = () => Math.floor(Date.now() / 1000);

export const narrowingRows: readonly HttpRow[] = [
  {
    name: 'delegated() refuses an app-only token',
    request: (entra) => get('/delegated', bearer(entra.app('robot', { roles: ['Orders.Read.All'] }))),
    expect: wrongKind,
  },
  {
    name: 'appOnly() refuses a delegated token',
    request: (entra) => get('/app-only', reader(entra)),
    expect: wrongKind,
  },
  {
    name: 'appOnly() is satisfied by an app-only token',
    request: (entra) => get('/app-only', bearer(entra.app('robot', { roles: ['Orders.Read.All'] }))),
    expect: { status: 200, body: { kind: 'app' } },
  },
  {
    name: 'clients() is satisfied by a client on its list',
    request: (entra) => get('/clients', reader(entra, { client: 'portal' })),
    expect: { status: 200 },
  },
  {
    name: 'clients() refuses a client that is not on its list',
    request: (entra) => get('/clients', reader(entra, { client: 'another-portal' })),
    expect: refused('client_not_allowed'),
  },
  {
    name: 'inTenants() is satisfied by a tenant on its list',
    request: (entra) => get('/tenants/ours', reader(entra)),
    expect: { status: 200 },
  },
  {
    name: 'inTenants() refuses a tenant that is not on its list',
    request: (entra) => get('/tenants/other', reader(entra)),
    expect: refused('tenant_not_accepted'),
  },
  {
    name: 'members() is satisfied by a member of the tenant',
    request: (entra) => get('/members', reader(entra, { acct: 0 })),
    expect: { status: 200 },
  },
  {
    name: 'members() refuses a guest',
    request: (entra) => get('/members', reader(entra, { guest: true })),
    expect: refused('guest_not_allowed'),
  },
  {
    name: 'members() refuses a token that does not say: unknown is not "no"',
    request: (entra) => get('/members', reader(entra)),
    expect: unknown('guest_not_allowed', 'acct'),
  },
  {
    name: "members({ unknown: 'allow' }) takes a token that does not say",
    request: (entra) => get('/members/unknown', reader(entra)),
    expect: { status: 200 },
  },
  {
    name: "members({ unknown: 'allow' }) still refuses a guest",
    request: (entra) => get('/members/unknown', reader(entra, { guest: true })),
    expect: refused('guest_not_allowed'),
  },
  {
    name: 'noAgents() refuses an agent that acts for a user',
    request: (entra) =>
      get('/no-agents', bearer(entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Read' }))),
    expect: refused('agent_not_allowed'),
  },
  {
    name: 'noAgents() refuses a token that does not say: unknown is not "no"',
    request: (entra) => get('/no-agents', reader(entra)),
    expect: unknown('agent_not_allowed', 'xms_act_fct'),
  },
  {
    name: "noAgents({ unknown: 'allow' }) takes a token that does not say",
    request: (entra) => get('/no-agents/unknown', reader(entra)),
    expect: { status: 200 },
  },
  {
    name: "noAgents({ unknown: 'allow' }) still refuses an agent",
    request: (entra) =>
      get('/no-agents/unknown', bearer(entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Read' }))),
    expect: refused('agent_not_allowed'),
  },
  {
    name: 'inGroups() is satisfied by a user whose token lists the group',
    request: (entra) => get('/groups', reader(entra, { groups: [DIRECTORS, MANAGERS] })),
    expect: { status: 200 },
  },
  {
    name: 'inGroups() refuses a user who is not in the group',
    request: (entra) => get('/groups', reader(entra, { groups: [DIRECTORS] })),
    expect: refused('group_missing'),
  },
  {
    name: 'inGroups() refuses a token that does not say: unknown is not "no"',
    request: (entra) => get('/groups', reader(entra)),
    expect: unknown('group_missing', 'groups'),
  },
  {
    name: 'inGroups() asks groupsOf where the token has too many groups',
    request: (entra) => get('/groups', reader(entra, { hasgroups: true })),
    expect: { status: 200 },
  },
  {
    name: 'inGroups() decides nothing about the caller where groupsOf fails',
    request: (entra) => get('/groups', bearer(entra.user('bob', { scp: 'Orders.Read', hasgroups: true }))),
    expect: { status: 503, code: 'hook_failed', headers: { 'retry-after': /^[1-5]$/ } },
  },
  {
    name: 'inAnyGroup() is satisfied by one of the groups',
    request: (entra) => get('/groups/any', reader(entra, { groups: [DIRECTORS] })),
    expect: { status: 200 },
  },
  {
    name: 'withoutUserRoles() is satisfied by a user without the role',
    request: (entra) => get('/without-roles', reader(entra)),
    expect: { status: 200 },
  },
  {
    name: 'withoutUserRoles() refuses a user who has the role',
    request: (entra) => get('/without-roles', reader(entra, { roles: ['Orders.Approve'] })),
    expect: refused('role_not_allowed'),
  },
  {
    name: 'authContext() is satisfied by a token that has it',
    request: (entra) => get('/step-up', reader(entra, { acrs: ['c1'] })),
    expect: { status: 200 },
  },
  {
    name: 'authContext() answers a capable client with a claims challenge, exactly as Entra has it',
    request: (entra) => get('/step-up', reader(entra, { xms_cc: ['CP1'] })),
    expect: {
      status: 401,
      code: 'step_up_required',
      challenge:
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
        'error="insufficient_claims", ' +
        'claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"',
    },
  },
  {
    name: 'authContext() is 403 for a client that says it cannot take a claims challenge',
    request: (entra) => get('/step-up', reader(entra, { xms_cc: [] })),
    expect: refused('step_up_required'),
  },
  {
    name: 'authContext() sends no challenge while a scope is missing as well',
    request: (entra) => get('/step-up', reader(entra, { scp: 'Orders.Write' })),
    expect: {
      status: 403,
      code: 'scope_missing',
      challenge: challenge(
        'insufficient_scope',
        sentenceOf('scope_missing'),
        ', scope="api://{api}/Orders.Read"',
      ),
      enough: { scopes: ['api://{api}/Orders.Read'] },
    },
  },
  {
    name: 'signedInWithin() is satisfied by a fresh sign-in',
    request: (entra) => get('/recent', reader(entra, { auth_time: secondsNow() - 60 })),
    expect: { status: 200 },
  },
  {
    name: 'signedInWithin() answers an old sign-in with the challenge of RFC 9470',
    request: (entra) => get('/recent', reader(entra, { auth_time: secondsNow() - 7200 })),
    expect: {
      status: 401,
      code: 'sign_in_too_old',
      challenge: challenge(
        'insufficient_user_authentication',
        sentenceOf('sign_in_too_old'),
        ', max_age="900"',
      ),
    },
  },
  {
    name: 'signedInWithin() is 403 for a token that does not say when',
    request: (entra) => get('/recent', reader(entra)),
    expect: unknown('sign_in_too_old', 'auth_time'),
  },
  {
    name: 'check() that answers true grants',
    request: (entra) => get(`/checks/owner/order-of-${entra.objectIdOf('ada')}`, reader(entra)),
    expect: { status: 200 },
  },
  {
    name: 'check() that answers false is 403',
    request: (entra) => get('/checks/owner/order-of-somebody-else', reader(entra)),
    expect: refused('check_refused'),
  },
  {
    name: 'check() can hide that something exists: 404 without a challenge',
    request: (entra) => get('/checks/hidden/order-of-somebody-else', reader(entra)),
    expect: { status: 404, code: 'not_found' },
  },
  {
    name: 'check() that hides is not asked while a scope is missing',
    request: (entra) => get('/checks/hidden/order-of-somebody-else', reader(entra, { scp: 'Orders.Write' })),
    expect: {
      status: 403,
      code: 'scope_missing',
      challenge: challenge(
        'insufficient_scope',
        sentenceOf('scope_missing'),
        ', scope="api://{api}/Orders.Read"',
      ),
      enough: { scopes: ['api://{api}/Orders.Read'] },
    },
  },
  {
    name: 'check() that throws is 500 and tells nothing of the error',
    request: (entra) => get('/checks/throws', reader(entra)),
    expect: { status: 500, code: 'check_failed' },
  },
  {
    name: 'check() that answers something else than true is a refusal',
    request: (entra) => get('/checks/truthy', reader(entra)),
    expect: refused('check_refused'),
  },
];
