import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { DAEMON, OTHER_TENANT, SPA, TENANT } from '../../../../test/support/forger.js';
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
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';
import { Requirement as RequirementClass } from '../../src/requirements/requirement.js';
import { configurationSentence } from '../refusals.js';

const mine = (): boolean => true;
const notMine = (): boolean => false;
const read = scopes('Orders.Read');
const readAll = appPermissions('Orders.Read.All');

describe('two ways to write the same are the same', () => {
  it.each<[string, Requirement, Requirement, string]>([
    ['any order, any number of times', scopes('B', 'A', 'B'), scopes('A', 'B'), "scopes('A', 'B')"],
    ['any of one scope', anyScope('A'), scopes('A'), "scopes('A')"],
    ['any of one application permission', anyAppPermission('A'), appPermissions('A'), "appPermissions('A')"],
    ['any of one user role', anyUserRole('A'), userRoles('A'), "userRoles('A')"],
    ['any of one scope said twice', anyScope('A', 'A'), scopes('A'), "scopes('A')"],
    ['one alternative', anyOf(read), read, "scopes('Orders.Read')"],
    ['one condition', allOf(read), read, "scopes('Orders.Read')"],
    [
      'alternatives in any order',
      anyOf(read, readAll),
      anyOf(readAll, read),
      "anyOf(appPermissions('Orders.Read.All'), scopes('Orders.Read'))",
    ],
    [
      'the same alternative twice',
      anyOf(read, readAll, read),
      anyOf(read, readAll),
      String(anyOf(read, readAll)),
    ],
    ['alternative scopes', anyOf(scopes('B'), scopes('A')), anyScope('A', 'B'), "anyScope('A', 'B')"],
    [
      'alternative user roles',
      anyOf(userRoles('A'), anyUserRole('B', 'C')),
      anyUserRole('A', 'B', 'C'),
      "anyUserRole('A', 'B', 'C')",
    ],
    [
      'alternative application permissions',
      anyOf(appPermissions('A'), appPermissions('B')),
      anyAppPermission('A', 'B'),
      "anyAppPermission('A', 'B')",
    ],
    [
      'alternatives among alternatives',
      anyOf(read, anyOf(readAll, userRoles('Admin'))),
      anyOf(anyOf(read, readAll), userRoles('Admin')),
      "anyOf(appPermissions('Orders.Read.All'), scopes('Orders.Read'), userRoles('Admin'))",
    ],
    ['scopes one by one', allOf(scopes('B'), scopes('A')), scopes('A', 'B'), "scopes('A', 'B')"],
    [
      'conditions among conditions',
      allOf(read, allOf(userRoles('Admin'), members()), members()),
      allOf(members(), userRoles('Admin'), read),
      "allOf(members(), scopes('Orders.Read'), userRoles('Admin'))",
    ],
    [
      'a permission says authenticated() already',
      allOf(read, authenticated()),
      read,
      "scopes('Orders.Read')",
    ],
    [
      'GUIDs in any case',
      allOf(read, clients(SPA.toUpperCase(), DAEMON)),
      allOf(read, clients(DAEMON, SPA)),
      `allOf(clients('${SPA}', '${DAEMON}'), scopes('Orders.Read'))`,
    ],
    [
      'two lists of clients',
      allOf(read, clients(SPA, DAEMON), clients(DAEMON)),
      allOf(read, clients(DAEMON)),
      `allOf(clients('${DAEMON}'), scopes('Orders.Read'))`,
    ],
    [
      'two lists of tenants',
      allOf(read, inTenants(TENANT), inTenants(OTHER_TENANT, TENANT)),
      allOf(read, inTenants(TENANT)),
      `allOf(inTenants('${TENANT}'), scopes('Orders.Read'))`,
    ],
    ['an authentication context in any case', authContext('C7'), authContext('c7'), "authContext('c7')"],
    ['sixty minutes', signedInWithin('60m'), signedInWithin('1h'), "signedInWithin('1h')"],
    ['a day in seconds', signedInWithin('86400s'), signedInWithin('1d'), "signedInWithin('1d')"],
    [
      'two ages of a sign-in',
      allOf(read, signedInWithin('1h'), signedInWithin('15m')),
      allOf(read, signedInWithin('15m')),
      "allOf(scopes('Orders.Read'), signedInWithin('15m'))",
    ],
    ['members, the default spelt out', members({ unknown: 'deny' }), members(), 'members()'],
    ['noAgents, the default spelt out', noAgents({ unknown: 'deny' }), noAgents(), 'noAgents()'],
    [
      'authenticated, the default spelt out',
      authenticated({ unassignedApps: false }),
      authenticated(),
      'authenticated()',
    ],
    [
      'a check, the default spelt out',
      check('owns order', mine, { otherwise: 'forbidden' }),
      check('owns order', mine),
      "check('owns order')",
    ],
    [
      'what only an app could take, next to what only users have',
      allOf(userRoles('A'), anyOf(readAll, userRoles('B'))),
      userRoles('A', 'B'),
      "userRoles('A', 'B')",
    ],
    [
      'the same in brackets',
      allOf(userRoles('A'), allOf(anyOf(readAll, userRoles('B')), inTenants(TENANT))),
      allOf(userRoles('A'), anyOf(readAll, userRoles('B')), inTenants(TENANT)),
      `allOf(inTenants('${TENANT}'), userRoles('A', 'B'))`,
    ],
    ['a reason requires nothing', read.because('GDPR art. 15 export'), read, "scopes('Orders.Read')"],
  ])('%s', (_, one, other, printed) => {
    expect(one.equals(other)).toBe(true);
    expect(other.equals(one)).toBe(true);
    expect([String(one), String(other)]).toEqual([printed, printed]);
    expect(JSON.stringify(one.node)).toBe(JSON.stringify(other.node));
  });
});

describe('what requires something else is something else', () => {
  it.each<[string, Requirement, Requirement]>([
    ['a scope, a user role', scopes('X'), userRoles('X')],
    ['a user role, an application permission', userRoles('X'), appPermissions('X')],
    ['a scope, an application permission', scopes('X'), appPermissions('X')],
    ['the case of a scope', scopes('orders.read'), read],
    ['all, any', scopes('A', 'B'), anyScope('A', 'B')],
    ['fewer', scopes('A'), scopes('A', 'B')],
    ['narrowed or not', allOf(read, members()), read],
    ['members of unknown standing', members({ unknown: 'allow' }), members()],
    ['callers of unknown nature', noAgents({ unknown: 'allow' }), noAgents()],
    ['apps without a role', authenticated({ unassignedApps: true }), authenticated()],
    ['another authentication context', authContext('c1'), authContext('c10')],
    ['a second', signedInWithin('60s'), signedInWithin('61s')],
    ['403 or 404', check('owns order', mine), check('owns order', mine, { otherwise: 'not-found' })],
    ['alternatives, conditions', anyOf(read, userRoles('Admin')), allOf(read, userRoles('Admin'))],
    ['everybody, everybody with a token', anonymous(), authenticated()],
    ['users, apps', delegated(), appOnly()],
    ['one permission that looks like two', scopes("A','B"), scopes('A', 'B')],
  ])('%s', (_, one, other) => {
    expect(one.equals(other)).toBe(false);
    expect(String(one)).not.toBe(String(other));
    expect(JSON.stringify(one)).not.toBe(JSON.stringify(other));
  });

  it('two checks of one name and another function', () => {
    const [one, other] = [allOf(read, check('owns order', mine)), allOf(read, check('owns order', notMine))];
    expect(one.equals(other)).toBe(false);
    expect(one.equals(allOf(check('owns order', mine), read))).toBe(true);
  });

  it('and both are asked, where both are given', () => {
    const both = allOf(read, check('owns order', mine), check('owns order', notMine));
    expect(String(both)).toBe("allOf(check('owns order'), check('owns order'), scopes('Orders.Read'))");
    expect(both.equals(allOf(read, check('owns order', mine)))).toBe(false);
  });
});

describe('a requirement prints as one would write it', () => {
  it.each<[Requirement, string]>([
    [anyScope('A', 'B'), "anyScope('A', 'B')"],
    [userRoles("O'Neill.Admin"), "userRoles('O\\'Neill.Admin')"],
    [authenticated({ unassignedApps: true }), 'authenticated({ unassignedApps: true })'],
    [anonymous(), 'anonymous()'],
    [delegated(), 'delegated()'],
    [appOnly(), 'appOnly()'],
    [inTenants(TENANT), `inTenants('${TENANT}')`],
    [members({ unknown: 'allow' }), "members({ unknown: 'allow' })"],
    [noAgents({ unknown: 'allow' }), "noAgents({ unknown: 'allow' })"],
    [signedInWithin('90s'), "signedInWithin('90s')"],
    [signedInWithin('2d'), "signedInWithin('2d')"],
    [
      check('owns order', mine, { otherwise: 'not-found' }),
      "check('owns order', { otherwise: 'not-found' })",
    ],
  ])('%s', (requirement, printed) => {
    expect(`${requirement}`).toBe(printed);
    expect(inspect(requirement)).toBe(printed);
    expect(inspect({ requirement })).toBe(`{ requirement: ${printed} }`);
  });
});

describe('a requirement is a value', () => {
  const requirement = anyOf(
    allOf(scopes('A', 'B'), clients(SPA), inTenants(TENANT), check('owns order', mine)),
    anyAppPermission('C', 'D'),
  ).because('support');

  it('is frozen all the way down', () => {
    const thawed: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [name, member] of Object.entries(value)) visit(member, `${path}.${name}`);
    };
    visit(requirement, 'requirement');
    expect(thawed).toEqual([]);
  });

  it('does not change with the list it was made from', () => {
    const names: [string, ...string[]] = ['A', 'B'];
    const made = scopes(...names);
    names.push('C');
    names[0] = 'Z';
    expect(String(made)).toBe("scopes('A', 'B')");
  });

  it('cannot be widened from its plain form', () => {
    const { requirement: node } = requirement.toJSON();
    expect(() => Object.assign(node, { kind: 'anonymous' })).toThrow(TypeError);
  });

  it('is recognised across copies of the package, and nothing else is', async () => {
    vi.resetModules();
    const copy = await import('../../src/requirements/build.js');
    const foreign = copy.scopes('Orders.Read');
    expect(foreign).not.toBeInstanceOf(RequirementClass);
    expect(RequirementClass.is(foreign)).toBe(true);
    expect(String(anyOf(foreign, readAll))).toBe(String(anyOf(read, readAll)));
    expect(foreign.equals(read)).toBe(true);
    for (const other of [undefined, null, 'scopes', {}, { role: 'grant', node: {} }, scopes]) {
      expect(RequirementClass.is(other)).toBe(false);
    }
  });
});

describe('because() records the reason', () => {
  it('of every part, once each, and trimmed', () => {
    const export15 = read.because(' GDPR art. 15 export ');
    const all = anyOf(
      allOf(export15, members().because('no guests')).because('DPO request'),
      readAll.because('nightly report').because('GDPR art. 15 export'),
    ).because('orders');
    expect(all.reasons).toEqual([
      'GDPR art. 15 export',
      'no guests',
      'DPO request',
      'nightly report',
      'orders',
    ]);
  });

  it('in another requirement, and leaves the first as it was', () => {
    const reasoned = anonymous().because('health probe');
    expect(reasoned.role).toBe('anonymous');
    expect(reasoned.reasons).toEqual(['health probe']);
    expect(read.reasons).toEqual([]);
    expect(JSON.stringify(reasoned)).toBe('{"requirement":{"kind":"anonymous"},"because":["health probe"]}');
  });

  it.each([[''], ['  \n'], [undefined], [7]])('and refuses %j', (nothing) => {
    expect(configurationSentence(() => read.because(nothing as string))).toContain(
      'because() needs a reason',
    );
  });
});

describe("a user's token may pass without any particular scope", () => {
  it.each<[boolean, Requirement]>([
    [false, read],
    [false, anyScope('A', 'B')],
    [false, readAll],
    [false, anonymous()],
    [false, anyOf(read, readAll)],
    [false, allOf(userRoles('Admin'), read)],
    [false, allOf(authenticated(), appOnly())],
    [false, allOf(anyOf(read, readAll), clients(SPA))],
    [true, userRoles('Admin')],
    [true, authenticated()],
    [true, authenticated({ unassignedApps: true })],
    [true, anyOf(read, userRoles('Admin'))],
    [true, allOf(userRoles('Admin'), members())],
    [true, allOf(anyOf(read, userRoles('Admin')), members())],
    [true, anyOf(readAll, allOf(authenticated(), delegated()))],
  ])('%s: %s', (open, requirement) => {
    expect(requirement.leavesScopeOpen).toBe(open);
  });
});
