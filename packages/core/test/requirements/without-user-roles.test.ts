import { describe, expect, it } from 'vitest';
import {
  type AuthContext,
  allOf,
  anyUserRole,
  appOnly,
  appPermissions,
  authenticated,
  delegated,
  evaluate,
  type Grant,
  scopes,
  userRoles,
  withoutUserRoles,
} from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const pay = allOf(scopes('Payroll.Pay'), withoutUserRoles('Payroll.Admin', 'Payroll.Auditor'));

function verdict(requirement: Grant, auth: AuthContext): string {
  const decision = evaluate(requirement, auth);
  return decision.granted ? 'granted' : `${decision.code}: ${decision.missing.join('; ')}`;
}

describe('a user who has one of the roles is kept out', () => {
  it.each<[string, AuthContext, string]>([
    ['not a user without any role', user({ scp: 'Payroll.Pay' }), 'granted'],
    ['not a user with another role', user({ scp: 'Payroll.Pay', roles: ['Payroll.Clerk'] }), 'granted'],
    [
      'a user with one of them',
      user({ scp: 'Payroll.Pay', roles: ['Payroll.Auditor', 'X'] }),
      'role_not_allowed: a user without the role Payroll.Auditor',
    ],
    [
      'a user with both',
      user({ scp: 'Payroll.Pay', roles: ['Payroll.Auditor', 'Payroll.Admin'] }),
      'role_not_allowed: a user without the role Payroll.Admin, Payroll.Auditor',
    ],
    ['a user without the scope', user({ scp: 'X' }), 'scope_missing: scope Payroll.Pay'],
  ])('%s', (_, auth, expected) => {
    expect(verdict(pay, auth)).toBe(expected);
  });
});

describe('an app that acts as itself is kept out', () => {
  it.each([[['Payroll.Read.All']], [['Payroll.Admin']]])(
    'since its roles are not those of a user: %j',
    (roles) => {
      const requirement = allOf(authenticated({ unassignedApps: true }), withoutUserRoles('Payroll.Admin'));
      expect(verdict(requirement, daemon({ roles }))).toBe('role_not_allowed: a signed-in user');
      expect(verdict(requirement, daemon())).toBe('role_not_allowed: a signed-in user');
    },
  );

  it.each<[string, () => unknown]>([
    ['with an application permission', () => allOf(appPermissions('A'), withoutUserRoles('B'))],
    ['with appOnly()', () => allOf(authenticated(), appOnly(), withoutUserRoles('B'))],
  ])('and it cannot be written %s', (_, build) => {
    expect(configurationSentence(build)).toContain("can't be satisfied");
  });
});

describe('a role that is needed cannot be kept out as well', () => {
  it.each<[string, () => unknown]>([
    ['one of all', () => allOf(userRoles('A', 'B'), withoutUserRoles('B'))],
    ['in parts', () => allOf(allOf(userRoles('A'), delegated()), withoutUserRoles('A'))],
    ['each of a choice', () => allOf(anyUserRole('A', 'B'), withoutUserRoles('A', 'B', 'C'))],
  ])('%s', (_, build) => {
    expect(configurationSentence(build)).toContain('contradict each other');
  });

  it.each<[Grant, string]>([
    [
      allOf(anyUserRole('A', 'B'), withoutUserRoles('B')),
      "allOf(anyUserRole('A', 'B'), withoutUserRoles('B'))",
    ],
    [allOf(scopes('A'), withoutUserRoles('A')), "allOf(scopes('A'), withoutUserRoles('A'))"],
    [
      allOf(scopes('S'), withoutUserRoles('B'), withoutUserRoles('A', 'B')),
      "allOf(scopes('S'), withoutUserRoles('A', 'B'))",
    ],
  ])('but this can be: %s', (requirement, printed) => {
    expect(String(requirement)).toBe(printed);
  });
});

describe('a role that no token can hold is refused, since it would keep out no caller', () => {
  it.each<[string, () => unknown, string]>([
    ['nothing', () => withoutUserRoles(...([] as unknown as [string])), 'was given nothing'],
    ['undefined', () => withoutUserRoles(undefined as unknown as string), 'unset'],
    ['a wildcard', () => withoutUserRoles('Payroll.*'), 'no wildcards'],
    ['a full URI', () => withoutUserRoles('api://payroll/Admin'), "withoutUserRoles('Admin')"],
  ])('%s', (_, build, keyWords) => {
    expect(configurationSentence(build)).toContain(keyWords);
  });
});
