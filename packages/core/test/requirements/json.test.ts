import { describe, expect, it } from 'vitest';
import { DAEMON, SPA, TENANT } from '../../../../test/support/forger.js';
import {
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
  delegated,
  inTenants,
  members,
  noAgents,
  type Requirement,
  requirementFromJSON,
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';
import { configurationSentence } from '../refusals.js';

const mine = (): boolean => true;
const checks = { 'owns order': mine };
const readAgain = (text: string): Requirement => requirementFromJSON(JSON.parse(text), { checks });

describe('what JSON.stringify writes is read again as the same requirement', () => {
  it.each<[Requirement]>([
    [scopes('A', 'B')],
    [anyScope('A', 'B')],
    [appPermissions('A')],
    [anyAppPermission('A', 'B')],
    [userRoles("O'Neill.Admin")],
    [anyUserRole('A', 'B')],
    [authenticated()],
    [authenticated({ unassignedApps: true })],
    [anonymous().because('health probe')],
    [delegated()],
    [appOnly()],
    [clients(SPA, DAEMON)],
    [inTenants(TENANT)],
    [members()],
    [members({ unknown: 'allow' })],
    [noAgents()],
    [noAgents({ unknown: 'allow' })],
    [authContext('c99')],
    [signedInWithin('90s')],
    [signedInWithin('8h')],
    [signedInWithin('11d')],
    // In seconds a number of seven digits.
    [signedInWithin('30d')],
    [check('owns order', mine)],
    [check('owns order', mine, { otherwise: 'not-found' })],
    [
      anyOf(
        allOf(
          scopes('A'),
          userRoles('Admin'),
          clients(SPA),
          check('owns order', mine),
          members({ unknown: 'allow' }),
        ),
        allOf(anyOf(scopes('B'), anyAppPermission('C', 'D')), inTenants(TENANT)),
      )
        .because('support')
        .because('nightly report'),
    ],
  ])('%s', (requirement) => {
    const again = readAgain(JSON.stringify(requirement));
    expect(again.equals(requirement)).toBe(true);
    expect(String(again)).toBe(String(requirement));
    expect(again.role).toBe(requirement.role);
    expect(again.reasons).toEqual(requirement.reasons);
    expect(JSON.stringify(again)).toBe(JSON.stringify(requirement));
  });

  it("without a check's function, which is looked up by its name", () => {
    const text = JSON.stringify(allOf(scopes('A'), check('owns order', mine)));
    expect(JSON.parse(text)).toEqual({
      requirement: {
        kind: 'allOf',
        of: [
          { kind: 'check', name: 'owns order', otherwise: 'forbidden' },
          { kind: 'scopes', values: ['A'] },
        ],
      },
    });
    expect(readAgain(text).equals(allOf(scopes('A'), check('owns order', mine)))).toBe(true);
    expect(
      readAgain(text).equals(
        allOf(
          scopes('A'),
          check('owns order', () => true),
        ),
      ),
    ).toBe(false);
  });
});

describe('what no builder would take is refused', () => {
  const none = "not a requirement's JSON";
  it.each<[string, unknown, string]>([
    ['nothing', undefined, none],
    ['null', null, none],
    ['a string', "scopes('A')", none],
    ['a list', [scopes('A').toJSON()], none],
    ['an object of another kind', { scopes: ['A'] }, none],
    ['no requirement in it', { requirement: null }, none],
    ['the inner part alone', { kind: 'scopes', values: ['A'] }, none],
    ['an unknown kind', { requirement: { kind: 'roles', values: ['A'] } }, none],
    ['no kind', { requirement: { values: ['A'] } }, none],
    ['a kind of every object', { requirement: { kind: 'constructor' } }, none],
    ['a kind of every prototype', { requirement: { kind: '__proto__' } }, none],
    ['the builder of another kind', { requirement: { kind: 'assertRequirement' } }, none],
    ['no values', { requirement: { kind: 'scopes' } }, 'scopes() was given nothing'],
    ['values in a string', { requirement: { kind: 'scopes', values: 'A' } }, 'scopes() was given nothing'],
    ['a value that is no string', { requirement: { kind: 'appPermissions', values: [1] } }, 'given 1'],
    ['a wildcard', { requirement: { kind: 'userRoles', values: ['*'] } }, 'no wildcards'],
    ['an empty anyOf', { requirement: { kind: 'anyOf', of: [] } }, 'anyOf() was given nothing'],
    ['an anyOf of text', { requirement: { kind: 'anyOf', of: 'A' } }, 'anyOf() was given nothing'],
    ['an allOf of a string', { requirement: { kind: 'allOf', of: ['A'] } }, none],
    ['a narrowing in anyOf', { requirement: { kind: 'anyOf', of: [{ kind: 'members' }] } }, 'only narrows'],
    ['anonymous in anyOf', { requirement: { kind: 'anyOf', of: [{ kind: 'anonymous' }] } }, 'to everybody'],
    ['only narrowings', { requirement: { kind: 'allOf', of: [{ kind: 'members' }] } }, 'grants nothing'],
    ['an answer for unknown facts that is none', { requirement: { kind: 'members', unknown: 'yes' } }, 'yes'],
    ['c0', { requirement: { kind: 'authContext', id: 'c0' } }, 'c1 to c99'],
    ['no ID', { requirement: { kind: 'authContext' } }, 'c1 to c99'],
    ['no time', { requirement: { kind: 'signedInWithin' } }, 'undefineds'],
    ['no time left', { requirement: { kind: 'signedInWithin', seconds: 0 } }, '0s'],
    ['a reason that is none', { requirement: { kind: 'anonymous' }, because: [''] }, 'needs a reason'],
    ['a check nobody passed', { requirement: { kind: 'check', name: 'is friend' } }, "check('is friend')"],
    ['a check every object has', { requirement: { kind: 'check', name: 'toString' } }, "check('toString')"],
    ['a check without a name', { requirement: { kind: 'check' } }, 'no function of that name'],
  ])('%s', (_, json, keyWords) => {
    expect(configurationSentence(() => requirementFromJSON(json, { checks }))).toContain(keyWords);
  });

  it('and without any checks, every check', () => {
    const json = JSON.parse(JSON.stringify(allOf(scopes('A'), check('owns order', mine))));
    expect(configurationSentence(() => requirementFromJSON(json))).toContain("check('owns order')");
  });

  it('and whatever is not exactly true for apps without a role', () => {
    const json = { requirement: { kind: 'authenticated', unassignedApps: 'true' } };
    expect(String(requirementFromJSON(json))).toBe('authenticated()');
  });
});
