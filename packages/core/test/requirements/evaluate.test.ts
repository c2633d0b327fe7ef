import { describe, expect, it } from 'vitest';
import { API, DAEMON, NOW, OTHER_TENANT, SPA, TENANT } from '../../../../test/support/forger.js';
import {
  type AuthContext,
  allOf,
  anonymous,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appOnly,
  appPermissions,
  authContext,
  authenticated,
  check,
  clients,
  type Decision,
  type Denial,
  delegated,
  evaluate,
  inTenants,
  members,
  noAgents,
  type Requirement,
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const decide = (requirement: Requirement, auth: AuthContext): Decision =>
  evaluate(requirement, auth, { now: NOW });

function denial(requirement: Requirement, auth: AuthContext): Denial {
  const decision = decide(requirement, auth);
  if (decision.granted) throw new Error(`${requirement} was granted`);
  return decision;
}

/** `granted`, or the code and what is missing. */
function verdict(requirement: Requirement, auth: AuthContext): string {
  const decision = decide(requirement, auth);
  return decision.granted ? 'granted' : `${decision.code}: ${decision.missing.join(', ')}`;
}

const ada = user({ scp: 'Orders.Read Profile.Read', roles: ['Orders.Admin'] });
const job = daemon({ roles: ['Orders.Read.All', 'Orders.Write.All'] });
const managedIdentity = daemon({ roles: undefined });
const read = scopes('Orders.Read');
const minutesAgo = (minutes: number): number => NOW / 1000 - minutes * 60;

type Row = [sentence: string, Requirement, AuthContext, verdict: string];

function decides(rows: readonly Row[]): void {
  it.each(rows)('%s', (_, requirement, auth, expected) => {
    expect(verdict(requirement, auth)).toBe(expected);
  });
}

describe('whose permission it is', () => {
  it('a user token with an app role never satisfies appPermissions', () => {
    const admin = user({ roles: ['Orders.Read.All'] });
    for (const requirement of [
      appPermissions('Orders.Read.All'),
      anyAppPermission('Orders.Read.All', 'Orders.Admin'),
    ]) {
      expect(denial(requirement, admin)).toMatchObject({
        code: 'role_missing',
        hint: /not an application permission/,
      });
    }
  });

  it('an app-only token never satisfies scopes or userRoles', () => {
    const impostor = daemon({ roles: ['Orders.Read', 'Orders.Admin'] });
    expect(verdict(read, impostor)).toBe('scope_missing: scope Orders.Read');
    expect(verdict(anyScope('Orders.Read', 'Orders.Write'), impostor)).toMatch(/^scope_missing/);
    expect(verdict(userRoles('Orders.Admin'), impostor)).toBe('role_missing: user role Orders.Admin');
    expect(verdict(anyUserRole('Orders.Admin', 'Orders.Read'), impostor)).toMatch(/^role_missing/);
  });

  it('a role-less app-only token satisfies no bare authenticated()', () => {
    expect(verdict(authenticated(), managedIdentity)).toBe('token_without_permissions: any scope or role');
    expect(verdict(authenticated({ unassignedApps: true }), managedIdentity)).toBe('granted');
  });

  it("a user's scope never counts as a role, nor a role as a scope", () => {
    const both = user({ scp: 'Orders.Admin', roles: ['Orders.Read'] });
    expect(verdict(userRoles('Orders.Admin'), both)).toBe('role_missing: user role Orders.Admin');
    expect(verdict(read, both)).toBe('scope_missing: scope Orders.Read');
  });
});

describe('permissions', () => {
  decides([
    ['a scope the token holds', read, ada, 'granted'],
    ['two scopes the token holds', scopes('Orders.Read', 'Profile.Read'), ada, 'granted'],
    ['one of two scopes', scopes('Orders.Read', 'Orders.Write'), ada, 'scope_missing: scope Orders.Write'],
    ['none of two scopes', scopes('A', 'B'), ada, 'scope_missing: scope A, scope B'],
    ['any of two scopes, one held', anyScope('Orders.Read', 'Orders.Write'), ada, 'granted'],
    ['any of two scopes, none held', anyScope('A', 'B'), ada, 'scope_missing: scope A or B'],
    ['a scope in another case', scopes('orders.read'), ada, 'scope_missing: scope orders.read'],
    ['the beginning of a scope', scopes('Orders'), ada, 'scope_missing: scope Orders'],
    ['a user role the user has', userRoles('Orders.Admin'), ada, 'granted'],
    ['one of two user roles', userRoles('Orders.Admin', 'Auditor'), ada, 'role_missing: user role Auditor'],
    ['any user role', anyUserRole('Auditor', 'Orders.Admin'), ada, 'granted'],
    ['no such user role', anyUserRole('Auditor', 'Clerk'), ada, 'role_missing: user role Auditor or Clerk'],
    ['an application permission the app has', appPermissions('Orders.Read.All'), job, 'granted'],
    ['both application permissions', appPermissions('Orders.Read.All', 'Orders.Write.All'), job, 'granted'],
    [
      'one it lacks',
      appPermissions('Orders.Delete.All'),
      job,
      'role_missing: application permission Orders.Delete.All',
    ],
    ['any application permission', anyAppPermission('Orders.Delete.All', 'Orders.Read.All'), job, 'granted'],
    [
      'no application permission at all',
      appPermissions('Orders.Read.All'),
      managedIdentity,
      'role_missing: application permission Orders.Read.All',
    ],
    ['a user who only has a scope, for authenticated()', authenticated(), user(), 'granted'],
    ['an app that has a role, for authenticated()', authenticated(), job, 'granted'],
    ['anybody, for anonymous()', anonymous(), managedIdentity, 'granted'],
  ]);
});

describe('narrowings', () => {
  const guest = user({ acct: 1 });
  const member = user({ acct: 0 });
  const withAgent = user({ xms_act_fct: '1 11 5', xms_sub_fct: '1' });
  const agentUser = user({ xms_act_fct: '1', xms_sub_fct: '13 2' });
  const blueprint = daemon({ xms_par_app_azp: API });
  const noAgent = user({ xms_act_fct: '1 3', xms_sub_fct: '2' });
  const halfKnown = user({ xms_act_fct: '1' });
  const garbled = user({ xms_act_fct: 'eleven', xms_sub_fct: '11;12' });
  const any = authenticated();
  const everyApp = authenticated({ unassignedApps: true });
  decides([
    ['a user, for delegated()', allOf(any, delegated()), ada, 'granted'],
    ['an app, for delegated()', allOf(any, delegated()), job, 'caller_kind_not_allowed: a signed-in user'],
    ['an app, for appOnly()', allOf(any, appOnly()), job, 'granted'],
    ['a user, for appOnly()', allOf(any, appOnly()), ada, 'caller_kind_not_allowed: an app without a user'],
    [
      'a role-less app, for appOnly()',
      allOf(any, appOnly()),
      managedIdentity,
      'token_without_permissions: any scope or role',
    ],
    ['the client', allOf(read, clients(SPA)), ada, 'granted'],
    [
      'another client',
      allOf(read, clients(DAEMON)),
      ada,
      'client_not_allowed: an accepted client application',
    ],
    ['the one daemon without roles', allOf(everyApp, clients(DAEMON)), managedIdentity, 'granted'],
    [
      'another daemon without roles',
      allOf(everyApp, clients(SPA)),
      managedIdentity,
      'client_not_allowed: an accepted client application',
    ],
    ['the tenant', allOf(read, inTenants(OTHER_TENANT, TENANT)), ada, 'granted'],
    ['another tenant', allOf(read, inTenants(OTHER_TENANT)), ada, 'tenant_not_accepted: an accepted tenant'],
    ['a member', allOf(read, members()), member, 'granted'],
    ['a guest', allOf(read, members()), guest, 'guest_not_allowed: a member of the tenant'],
    [
      'a guest, where unknown is allowed',
      allOf(read, members({ unknown: 'allow' })),
      guest,
      'guest_not_allowed: a member of the tenant',
    ],
    [
      'the token does not say whether a guest',
      allOf(read, members()),
      ada,
      "guest_not_allowed: the claim 'acct'",
    ],
    [
      'the token does not say, and that is allowed',
      allOf(read, members({ unknown: 'allow' })),
      ada,
      'granted',
    ],
    [
      'an acct that Entra does not know',
      allOf(read, members()),
      user({ acct: 2 }),
      "guest_not_allowed: the claim 'acct'",
    ],
    ['no agent', allOf(read, noAgents()), noAgent, 'granted'],
    [
      'an agent that acts',
      allOf(read, noAgents()),
      withAgent,
      'agent_not_allowed: a caller without an AI agent',
    ],
    [
      "an agent's user account",
      allOf(read, noAgents()),
      agentUser,
      'agent_not_allowed: a caller without an AI agent',
    ],
    [
      "an agent's blueprint",
      allOf(everyApp, noAgents({ unknown: 'allow' })),
      blueprint,
      'agent_not_allowed: a caller without an AI agent',
    ],
    [
      'an agent, where unknown is allowed',
      allOf(read, noAgents({ unknown: 'allow' })),
      withAgent,
      'agent_not_allowed: a caller without an AI agent',
    ],
    [
      'the token does not say whether an agent',
      allOf(read, noAgents()),
      ada,
      "agent_not_allowed: the claims 'xms_act_fct' and 'xms_sub_fct'",
    ],
    [
      'half is known of an agent',
      allOf(read, noAgents()),
      halfKnown,
      "agent_not_allowed: the claims 'xms_act_fct' and 'xms_sub_fct'",
    ],
    [
      'the other half is known of an agent',
      allOf(read, noAgents()),
      user({ xms_sub_fct: '2' }),
      "agent_not_allowed: the claims 'xms_act_fct' and 'xms_sub_fct'",
    ],
    [
      'facets that make no sense',
      allOf(read, noAgents()),
      garbled,
      "agent_not_allowed: the claims 'xms_act_fct' and 'xms_sub_fct'",
    ],
    [
      'the token does not say of agents, and that is allowed',
      allOf(read, noAgents({ unknown: 'allow' })),
      ada,
      'granted',
    ],
    ['the authentication context', allOf(read, authContext('c1')), user({ acrs: ['c2', 'c1'] }), 'granted'],
    [
      'the authentication context in capitals',
      allOf(read, authContext('c1')),
      user({ acrs: ['C1'] }),
      'granted',
    ],
    [
      'another authentication context',
      allOf(read, authContext('c1')),
      user({ acrs: ['c11'] }),
      'step_up_required: authentication context c1',
    ],
    [
      'no authentication context',
      allOf(read, authContext('c1')),
      ada,
      'step_up_required: authentication context c1',
    ],
    [
      'an app without a user, with an authentication context',
      allOf(any, authContext('c1')),
      daemon({ acrs: ['c1'] }),
      'step_up_required: a signed-in user',
    ],
    ['a sign-in just now', allOf(read, signedInWithin('15m')), user({ auth_time: minutesAgo(0) }), 'granted'],
    [
      'a sign-in at the limit',
      allOf(read, signedInWithin('15m')),
      user({ auth_time: minutesAgo(15) }),
      'granted',
    ],
    [
      'a sign-in a second beyond',
      allOf(read, signedInWithin('15m')),
      user({ auth_time: minutesAgo(15) - 1 }),
      'sign_in_too_old: a sign-in within the last 900 seconds',
    ],
    [
      'the token does not say when',
      allOf(read, signedInWithin('15m')),
      ada,
      "sign_in_too_old: the claim 'auth_time'",
    ],
    [
      'a time in words',
      allOf(read, signedInWithin('15m')),
      user({ auth_time: String(minutesAgo(0)) }),
      "sign_in_too_old: the claim 'auth_time'",
    ],
    [
      'an app without a user did not sign in',
      allOf(any, signedInWithin('15m')),
      job,
      'sign_in_too_old: a signed-in user',
    ],
    [
      'an app without a user did not sign in, whatever auth_time says',
      allOf(any, signedInWithin('15m')),
      daemon({ auth_time: minutesAgo(0) }),
      'sign_in_too_old: a signed-in user',
    ],
  ]);

  // allOf(appPermissions(…), members(…)) is refused when it is built: no app is a member of a tenant.
  it.each([
    ['the token does not say', daemon()],
    ['acct says member', daemon({ acct: 0 })],
  ])('an app without a user is not a member, even if unknown is allowed: %s', (_, app) => {
    expect(verdict(allOf(any, members({ unknown: 'allow' })), app)).toMatch(/^guest_not_allowed/);
  });

  it.each<[string, Requirement, AuthContext, string | undefined]>([
    ['acct', allOf(read, members()), ada, 'acct'],
    ['facets', allOf(read, noAgents()), ada, 'xms_act_fct'],
    ['auth_time', allOf(read, signedInWithin('1h')), ada, 'auth_time'],
    ['nothing, for a guest', allOf(read, members()), guest, undefined],
  ])('of unknown facts name the claim that is missing: %s', (_, requirement, auth, claim) => {
    const denied = denial(requirement, auth);
    expect(denied.claim).toBe(claim);
    expect('claim' in denied).toBe(claim !== undefined);
  });

  it.each([
    ['a signed-in user', delegated(), job, 'delegated tokens (a signed-in user)'],
    ['an app without a user', appOnly(), ada, 'app-only tokens (client credentials or a managed identity)'],
  ])('of the kind of caller say which is meant: %s', (_, kind, auth, words) => {
    expect(denial(allOf(any, kind), auth).hint).toContain(words);
  });

  it('of unknown facts name the optional claim to ask for, and the way round', () => {
    expect(denial(allOf(read, members()), ada).hint).toMatch(/optional claim 'acct'.*unknown: 'allow'/);
    expect(denial(allOf(read, noAgents()), ada).hint).toMatch(
      /'xms_act_fct', 'xms_sub_fct' and 'xms_par_app_azp'/,
    );
    expect(denial(allOf(read, signedInWithin('1h')), ada).hint).toMatch(/optional claim 'auth_time'/);
  });
});

describe('what would be enough, and how to get it', () => {
  it.each<[string, Requirement, AuthContext, object, RegExp]>([
    ['scopes', scopes('A', 'B'), ada, { scopes: ['A', 'B'] }, /ask for the scope \(A, B\) of this API/],
    ['a user role', userRoles('A'), ada, { userRoles: ['A'] }, /Assign the app role \(A\) to the user/],
    [
      'an application permission',
      appPermissions('A'),
      job,
      { appPermissions: ['A'] },
      /Grant the application permission \(A\)/,
    ],
    ['with a narrowing', allOf(appPermissions('A'), clients(SPA)), job, { appPermissions: ['A'] }, /./],
    [
      'a scope, for an app',
      scopes('A'),
      job,
      { scopes: ['A'] },
      /app-only token.*scopes exist only for signed-in users/,
    ],
    [
      'an application permission, for a user',
      appPermissions('A'),
      user(),
      { appPermissions: ['A'] },
      /delegated token\), and application permissions exist only for apps without a user\. Use client/,
    ],
    [
      'an application permission, for a user with a role',
      appPermissions('A'),
      user({ roles: ['A'] }),
      { appPermissions: ['A'] },
      /A user's app role is not an application permission/,
    ],
  ])('%s', (_, requirement, auth, enough, hint) => {
    const denied = denial(requirement, auth);
    expect(denied.enough).toEqual(enough);
    expect(denied.hint).toMatch(hint);
  });

  it('names no permission that the caller has', () => {
    expect(denial(allOf(read, clients(DAEMON)), ada).enough).toEqual({});
  });
});

describe('several things missing', () => {
  const narrow = allOf(
    scopes('Orders.Read', 'Orders.Write'),
    userRoles('Auditor'),
    clients(DAEMON),
    members(),
  );
  decides([
    [
      'are all told, and what the caller cannot change gives the code',
      narrow,
      user({ acct: 1 }),
      'client_not_allowed: an accepted client application, a member of the tenant, scope Orders.Write, user role Auditor',
    ],
    [
      'the wrong kind of caller comes before all',
      allOf(read, delegated(), clients(SPA)),
      job,
      'caller_kind_not_allowed: an accepted client application, a signed-in user, scope Orders.Read',
    ],
    [
      'a permission comes before a step-up',
      allOf(scopes('Orders.Write'), authContext('c1')),
      ada,
      'scope_missing: authentication context c1, scope Orders.Write',
    ],
    [
      'all scopes and roles',
      allOf(scopes('A', 'B'), anyUserRole('C', 'D')),
      user(),
      'scope_missing: user role C or D, scope A, scope B',
    ],
  ]);

  it('each has what would have been enough, what is held included', () => {
    expect(denial(narrow, ada).enough).toEqual({
      scopes: ['Orders.Read', 'Orders.Write'],
      userRoles: ['Auditor'],
    });
  });
});

describe('of several branches', () => {
  const write = anyOf(allOf(scopes('Orders.Write'), userRoles('Clerk')), appPermissions('Orders.Write.All'));
  decides([
    ['the first that grants, grants', anyOf(read, scopes('A', 'B')), ada, 'granted'],
    ['the last that grants, grants', anyOf(scopes('A', 'B'), userRoles('Orders.Admin')), ada, 'granted'],
    ["a user is told the user's", write, user(), 'scope_missing: scope Orders.Write, user role Clerk'],
    ["an app is told the app's", write, daemon(), 'role_missing: application permission Orders.Write.All'],
    [
      'the one with less missing is told',
      anyOf(scopes('A', 'B'), userRoles('C')),
      user(),
      'role_missing: user role C',
    ],
    [
      'a step-up is nearer than a permission',
      anyOf(scopes('Orders.Write'), allOf(read, authContext('c1'))),
      user(),
      'step_up_required: authentication context c1',
    ],
    [
      'a permission is nearer than being another client',
      anyOf(allOf(read, clients(DAEMON)), scopes('Orders.Write', 'Orders.Approve')),
      user(),
      'scope_missing: scope Orders.Approve, scope Orders.Write',
    ],
    [
      'being another client is nearer than being an app',
      anyOf(allOf(read, clients(DAEMON)), appPermissions('Orders.Read.All')),
      user(),
      'client_not_allowed: an accepted client application',
    ],
    [
      'inside conditions too',
      allOf(write, noAgents({ unknown: 'allow' })),
      daemon(),
      'role_missing: application permission Orders.Write.All',
    ],
  ]);
});

describe('what would have been enough', () => {
  it.each<[string, Requirement, AuthContext, Denial['enough']]>([
    ['every scope', scopes('A', 'Orders.Read'), ada, { scopes: ['A', 'Orders.Read'] }],
    ['the first of any', anyScope('B', 'A'), ada, { scopes: ['A'] }],
    ['a user role', anyUserRole('Auditor', 'Clerk'), ada, { userRoles: ['Auditor'] }],
    [
      'an application permission',
      appPermissions('Orders.Delete.All'),
      job,
      { appPermissions: ['Orders.Delete.All'] },
    ],
    ['scope and role', allOf(scopes('A'), userRoles('B')), ada, { scopes: ['A'], userRoles: ['B'] }],
    [
      'what is held of any',
      allOf(anyScope('A', 'Orders.Read'), userRoles('B')),
      ada,
      { scopes: ['Orders.Read'], userRoles: ['B'] },
    ],
    ["the nearest branch's", anyOf(scopes('A'), appPermissions('B')), ada, { scopes: ['A'] }],
    [
      "the nearest branch's, of an app",
      anyOf(scopes('A'), appPermissions('B')),
      job,
      { appPermissions: ['B'] },
    ],
    ['nothing, where no permission helps', authenticated(), managedIdentity, {}],
    [
      'of an app, where only users may: nothing that no token could hold',
      allOf(scopes('A'), anyOf(appPermissions('B'), userRoles('C'))),
      job,
      { scopes: ['A'], userRoles: ['C'] },
    ],
    [
      'of an app, where only users may, further in',
      allOf(
        scopes('A'),
        anyOf(
          allOf(anyOf(appPermissions('B'), userRoles('C')), anyOf(appPermissions('D'), userRoles('E'))),
          userRoles('F', 'G', 'H'),
        ),
      ),
      job,
      { scopes: ['A'], userRoles: ['C', 'E'] },
    ],
  ])('%s', (_, requirement, auth, enough) => {
    expect(denial(requirement, auth).enough).toEqual(enough);
  });
});

describe('a step-up is asked for', () => {
  const stronger = allOf(read, authContext('c1'));
  const fresher = allOf(read, signedInWithin('15m'));
  const late = { auth_time: minutesAgo(60) };
  it.each<[string, Requirement, AuthContext, Denial['stepUp']]>([
    ['of a client that says nothing of its capabilities', stronger, user(), { kind: 'claims', id: 'c1' }],
    ['of a client that declares cp1', stronger, user({ xms_cc: ['cp1'] }), { kind: 'claims', id: 'c1' }],
    [
      'of a client that declares CP1, as MSAL.js writes it',
      stronger,
      user({ xms_cc: ['CP1'] }),
      { kind: 'claims', id: 'c1' },
    ],
    [
      'not of a client that declares other capabilities only',
      stronger,
      user({ xms_cc: ['protapp'] }),
      undefined,
    ],
    ['not of a client that declares none', stronger, user({ xms_cc: [] }), undefined],
    ['not of an app without a user', allOf(authenticated(), authContext('c1')), daemon(), undefined],
    ['not while a scope is missing too', allOf(scopes('Orders.Write'), authContext('c1')), user(), undefined],
    [
      'not while the client is the wrong one',
      allOf(read, authContext('c1'), clients(DAEMON)),
      user(),
      undefined,
    ],
    ['for a fresher sign-in', fresher, user(late), { kind: 'sign-in', maxAgeSeconds: 900 }],
    ['not where the token does not say of the sign-in', fresher, user(), undefined],
    ['not of an app for its sign-in', allOf(authenticated(), signedInWithin('15m')), daemon(), undefined],
    [
      'one after the other, where two are missing',
      allOf(stronger, fresher),
      user(late),
      { kind: 'claims', id: 'c1' },
    ],
    [
      'then for the other',
      allOf(stronger, fresher),
      user({ ...late, acrs: ['c1'] }),
      { kind: 'sign-in', maxAgeSeconds: 900 },
    ],
    [
      'in the branch that is nearest',
      anyOf(stronger, appPermissions('A')),
      user(),
      { kind: 'claims', id: 'c1' },
    ],
  ])('%s', (_, requirement, auth, stepUp) => {
    expect(denial(requirement, auth).stepUp).toEqual(stepUp);
  });
});

describe('a decision', () => {
  it.each<[Requirement]>([
    [members({ unknown: 'allow' })],
    [delegated()],
    [appOnly()],
    [noAgents({ unknown: 'allow' })],
  ])('is not made by %s alone, which only narrows', (narrowing) => {
    expect(configurationSentence(() => decide(narrowing, ada))).toContain('only narrows');
  });

  it.each([[undefined], ['Orders.Read'], [{ node: { kind: 'anonymous' } }]])(
    'is not made by %j',
    (instead) => {
      expect(configurationSentence(() => decide(instead as Requirement, ada))).toContain(
        'instead of a requirement',
      );
    },
  );

  it('is pure and cannot be changed', () => {
    const refusal = denial(allOf(scopes('A'), authContext('c1')), ada);
    expect(denial(allOf(scopes('A'), authContext('c1')), ada)).toEqual(refusal);
    expect(Object.isFrozen(refusal)).toBe(true);
    expect(() => Object.assign(refusal, { granted: true })).toThrow(TypeError);
    expect(() => Object.assign(decide(read, ada), { granted: false })).toThrow(TypeError);
    expect(() => (refusal.missing as string[]).pop()).toThrow(TypeError);
    expect(() => Object.assign(refusal.enough, { scopes: [] })).toThrow(TypeError);
    expect(refusal.hidden).toBe(false);
  });

  it('takes the time of the day where none is given', () => {
    const recent = user({ auth_time: Math.floor(Date.now() / 1000) - 5 });
    expect(evaluate(allOf(read, signedInWithin('1h')), recent)).toEqual({ granted: true });
  });

  it('about a check is left to authorize()', () => {
    const mine = allOf(
      read,
      check('owns order', () => true),
    );
    expect(configurationSentence(() => decide(mine, ada))).toMatch(/check.*authorize/);
    expect(verdict(mine, user({ scp: 'Profile.Read' }))).toBe('scope_missing: scope Orders.Read');
    expect(verdict(anyOf(mine, userRoles('Orders.Admin')), ada)).toBe('granted');
  });
});
