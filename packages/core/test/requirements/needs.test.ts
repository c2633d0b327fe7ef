import { describe, expect, it } from 'vitest';
import {
  allOf,
  anonymous,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appPermissions,
  authContext,
  authenticated,
  clients,
  members,
  noAgents,
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';

describe('the permissions that a requirement names', () => {
  it.each([
    [scopes('Orders.Read'), ['scope Orders.Read']],
    [anyScope('Orders.Read', 'Orders.Write'), ['scope Orders.Read', 'scope Orders.Write']],
    [appPermissions('Orders.Read.All'), ['application permission Orders.Read.All']],
    [anyAppPermission('A.All', 'B.All'), ['application permission A.All', 'application permission B.All']],
    [userRoles('Admin'), ['user role Admin']],
    [anyUserRole('Admin', 'Help'), ['user role Admin', 'user role Help']],
    [authenticated(), []],
    [anonymous(), []],
    [allOf(scopes('A'), clients('00001111-aaaa-2222-bbbb-3333cccc4444')), ['scope A']],
  ])('%s', (requirement, permissions) => {
    expect(requirement.permissions.map(({ use, value }) => `${use} ${value}`)).toEqual(permissions);
  });

  it('are listed once, whatever they are combined by', () => {
    const requirement = anyOf(allOf(scopes('A'), userRoles('A')), allOf(scopes('A'), userRoles('B')));
    expect(requirement.permissions).toEqual([
      { use: 'scope', value: 'A' },
      { use: 'user role', value: 'A' },
      { use: 'user role', value: 'B' },
    ]);
  });
});

describe('the optional claims that a requirement is judged by', () => {
  it.each([
    [members(), ['acct']],
    [noAgents(), ['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct']],
    [authContext('c1'), ['acrs', 'xms_cc']],
    [signedInWithin('1h'), ['auth_time']],
  ])('%s', (narrowing, claims) => {
    expect(narrowing.optionalClaims).toEqual(claims);
  });

  it('are sorted and listed once, whatever they are combined by', () => {
    const requirement = anyOf(
      allOf(scopes('A'), signedInWithin('1h'), members()),
      allOf(scopes('B'), members()),
    );
    expect(requirement.optionalClaims).toEqual(['acct', 'auth_time']);
  });

  it('are none for a permission', () => {
    expect(scopes('A').optionalClaims).toEqual([]);
  });
});
