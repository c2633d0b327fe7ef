import { afterEach, expect, it } from 'vitest';
import {
  type AuthContext,
  allOf,
  anonymous,
  anyOf,
  anyScope,
  appPermissions,
  authContext,
  authenticated,
  check,
  delegated,
  inGroups,
  noAgents,
  type Requirement,
  scopes,
  userRoles,
} from '../../src/index.js';
import { outlookOf } from '../../src/mcp.js';
import { daemon, user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const MANAGERS = '11111111-aaaa-4bbb-8ccc-222222222222';
const never = () => {
  throw new Error('a forecast runs no check');
};
const reader = user({ scp: 'Orders.Read' });
const overage = user({ scp: 'Orders.Read', _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } });

afterEach(() => {
  Reflect.deleteProperty(Object.prototype, 'assumeScopes');
});

it.each<[string, Requirement, AuthContext]>([
  ['a scope that is held', scopes('Orders.Read'), reader],
  ['a check, which is not run', allOf(scopes('Orders.Read'), check('owns', never)), reader],
  ['what is open to all', anonymous(), reader],
  [
    'an application permission that is held',
    appPermissions('Orders.Read.All'),
    daemon({ roles: ['Orders.Read.All'] }),
  ],
])('nothing is in the way: %s', (_, requirement, auth) => {
  expect(outlookOf(requirement, auth)).toEqual({ state: 'open' });
});

it.each<[string, Requirement, readonly string[]]>([
  ['one scope', scopes('Orders.Write'), ['Orders.Write']],
  [
    'several scopes, of which one is held',
    scopes('Orders.Read', 'Orders.Write'),
    ['Orders.Read', 'Orders.Write'],
  ],
  ['any of several', anyScope('Orders.Approve', 'Orders.Write'), ['Orders.Approve']],
  ['a scope next to what holds', allOf(scopes('Orders.Write'), delegated()), ['Orders.Write']],
  ['a scope next to a check', allOf(scopes('Orders.Write'), check('owns', never)), ['Orders.Write']],
  [
    'a scope in one of two ways',
    anyOf(appPermissions('Orders.Write.All'), allOf(scopes('Orders.Write'), delegated())),
    ['Orders.Write'],
  ],
])('only scopes are lacking: %s', (_, requirement, needed) => {
  expect(outlookOf(requirement, reader)).toEqual({ state: 'lacks-scopes', scopes: needed });
});

it.each<[string, Requirement, AuthContext, string]>([
  ['a role', allOf(scopes('Orders.Read'), userRoles('Admin')), reader, 'role_missing'],
  ['a role and a scope', allOf(scopes('Orders.Write'), userRoles('Admin')), reader, 'role_missing'],
  ['an app, whose token has no scopes', scopes('Orders.Read'), daemon(), 'scope_missing'],
  [
    'an agent',
    allOf(scopes('Orders.Write'), noAgents()),
    user({ xms_act_fct: '11', scp: 'Orders.Read' }),
    'agent_not_allowed',
  ],
  [
    "an agent's own user account, which can't ask anyone for consent",
    scopes('Orders.Write'),
    user({ xms_act_fct: '11', xms_sub_fct: '13', scp: 'Orders.Read' }),
    'scope_missing',
  ],
  ['a stronger sign-in', allOf(scopes('Orders.Read'), authContext('c1')), reader, 'step_up_required'],
  [
    'too many groups for the token',
    allOf(scopes('Orders.Read'), inGroups(MANAGERS)),
    overage,
    'groups_overage',
  ],
  [
    'an app without any permission',
    authenticated(),
    daemon({ roles: undefined }),
    'token_without_permissions',
  ],
])('something else is in the way: %s', (_, requirement, auth, code) => {
  expect(outlookOf(requirement, auth)).toMatchObject({ state: 'closed', denial: { code } });
});

it('an agent on behalf of a user may lack only scopes: its user can consent', () => {
  const agent = user({ xms_act_fct: '11', scp: 'Orders.Read' });
  expect(outlookOf(scopes('Orders.Write'), agent).state).toBe('lacks-scopes');
});

it('groups that were found out are looked at, where the token does not hold them', () => {
  const managers = allOf(scopes('Orders.Read'), inGroups(MANAGERS));
  expect(outlookOf(managers, overage, { groups: [MANAGERS] }).state).toBe('open');
  expect(outlookOf(managers, overage, { groups: [] }).state).toBe('closed');
});

it('no scope is assumed because of a polluted prototype', () => {
  (Object.prototype as { assumeScopes?: boolean }).assumeScopes = true;
  expect(outlookOf(scopes('Orders.Write'), reader).state).toBe('lacks-scopes');
});

it('what can not decide alone has no outlook', () => {
  expect(configurationSentence(() => outlookOf(noAgents(), reader))).toContain('only narrows');
  expect(configurationSentence(() => outlookOf(scopes('A'), { ...reader } as AuthContext))).toContain(
    'outlookOf',
  );
});
