import { type InventoryWarning, takeInventory } from '@entra-guard/catalogue';
import {
  allOf,
  anonymous,
  anyOf,
  appPermissions,
  authenticated,
  type ExposedHandler,
  type HandlerAccess,
  members,
  type Requirement,
  scopes,
  tighten,
  userRoles,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { define, type Loose, orders, ROLE, SCOPE } from '../../../test/support/orders.js';

const asking = (requirement: Requirement): HandlerAccess =>
  ({ kind: 'requirement', requirement }) as HandlerAccess;
const at = (access: HandlerAccess): ExposedHandler => ({ method: 'GET', path: '/orders', access });
const warningsOf = (accesses: readonly HandlerAccess[], catalogues?: Loose[]): readonly InventoryWarning[] =>
  takeInventory(
    accesses.map(at),
    catalogues === undefined ? {} : { catalogues: catalogues.map((one) => define(one).catalogue) },
  ).warnings;
const found = (warnings: readonly InventoryWarning[]): readonly string[] =>
  warnings.map(({ code, subject }) => `${code} ${subject}`);

describe('an inventory', () => {
  it('has each handler with what it requires, why and whose', () => {
    const requirement = allOf(
      anyOf(orders.scopes('Orders.Read'), orders.appPermissions('Orders.Read.All')),
      anyOf(orders.scopes('Orders.Read'), userRoles('Plain')),
      members({ unknown: 'allow' }),
    );
    const { handlers } = takeInventory([{ ...at(asking(requirement)), handler: 'Orders.list' }]);
    expect(handlers).toEqual([
      {
        method: 'GET',
        path: '/orders',
        handler: 'Orders.list',
        access: 'required',
        requirement: String(requirement),
        permissions: expect.arrayContaining([
          { use: 'scope', value: 'Orders.Read' },
          { use: 'user role', value: 'Plain' },
        ]),
        reasons: ['The web shop shows them.', 'Invoices are written at night.'],
        owner: orders.catalogue.owner,
      },
    ]);
    expect(handlers[0]?.permissions.filter(({ value }) => value === 'Orders.Read')).toHaveLength(1);
  });

  it('has both requirements where one becomes stricter, so that what is needed later can be assigned before', () => {
    const [now, next] = [orders.scopes('Orders.Read'), allOf(scopes('Orders.Read'), userRoles('Plain'))];
    const { handlers } = takeInventory([at(asking(tighten(now, next, { until: new Date('2030-01-31') })))]);
    expect(handlers).toMatchObject([
      {
        access: 'required',
        requirement: `tighten(${now}, ${next}, { until: '2030-01-31T00:00:00.000Z' })`,
        permissions: [
          { use: 'scope', value: 'Orders.Read' },
          { use: 'user role', value: 'Plain' },
        ],
        owner: orders.catalogue.owner,
      },
    ]);
  });

  it.each([
    [undefined, 'not judged: JwtGuard, RolesGuard'],
    ["scopes('Read')", "not judged: JwtGuard, RolesGuard, although it declares scopes('Read')"],
  ])('says what is left to other guards, which are not judged; declared %s', (declares, note) => {
    const guards = ['JwtGuard', 'RolesGuard'];
    const access = { kind: 'other-guard' as const, guards, ...(declares === undefined ? {} : { declares }) };
    const { handlers, warnings } = takeInventory([at(access)]);
    expect(handlers).toEqual([
      { method: 'GET', path: '/orders', access: 'other-guard', permissions: [], reasons: [], note },
    ]);
    expect(warnings).toMatchObject([
      { code: 'other_guard', message: expect.stringContaining(`is left to another guard, ${note}.`) },
    ]);
  });

  it('is plain data', () => {
    const inventory = takeInventory([
      at(asking(orders.scopes('Orders.Read'))),
      at({ kind: 'optional' }),
      at({ kind: 'undecided', effect: 'open', why: 'nothing guards it' }),
    ]);
    expect(JSON.parse(JSON.stringify(inventory))).toEqual(inventory);
  });

  it('knows the catalogues that requirements are from, and those it is told of, each once', () => {
    const { catalogue } = define({ scopes: { A: SCOPE } });
    const { catalogues } = takeInventory([at(asking(orders.scopes('Orders.Read')))], {
      catalogues: [catalogue, orders.catalogue],
    });
    expect(catalogues).toEqual([catalogue, orders.catalogue]);
  });

  it('of nothing is empty', () => {
    expect(takeInventory([])).toEqual({ handlers: [], catalogues: [], warnings: [] });
  });
});

describe('an inventory warns of', () => {
  it.each<[string, HandlerAccess, string, RegExp]>([
    [
      'a handler that is open by default',
      { kind: 'undecided', effect: 'open', why: 'nothing guards it' },
      'no_requirement GET /orders',
      /every caller may call it: nothing guards it\./,
    ],
    [
      'a handler that is denied by default',
      { kind: 'undecided', effect: 'denied', why: 'it declares no requirement' },
      'no_requirement GET /orders',
      /refuses every caller: it declares no requirement\./,
    ],
    ['a handler that needs no token', { kind: 'optional' }, 'public GET /orders', /called without a token/],
    ['a public handler', asking(anonymous()), 'public GET /orders', /is public: no reason is recorded\./],
    [
      'a public handler with its reason',
      asking(anonymous().because('A probe asks.')),
      'public GET /orders',
      /is public: A probe asks\.$/,
    ],
    [
      'a handler that any client of a user may call',
      asking(authenticated()),
      'scope_left_open GET /orders',
      /any client that they use/,
    ],
  ])('%s', (_, access, code, message) => {
    const warnings = warningsOf([access]);
    expect(found(warnings)).toEqual([code]);
    expect(warnings[0]?.message).toMatch(message);
    expect(warnings[0]?.fix).not.toBe('');
  });

  it('nothing about what is fine', () => {
    const read = asking(define({ scopes: { 'Orders.Read': SCOPE } }).scopes('Orders.Read' as never));
    expect(takeInventory([at(read)]).warnings).toEqual([]);
  });

  it('says the place with the handler’s name', () => {
    const [warning] = takeInventory([{ ...at({ kind: 'optional' }), handler: 'Orders.list' }]).warnings;
    expect(warning?.subject).toBe('GET /orders (Orders.list)');
  });

  it.each<[string, Requirement[], Loose[], string[]]>([
    ['no unknown permissions without a catalogue', [scopes('Orders.Read')], [], []],
    [
      'permissions that are not in the catalogue',
      [scopes('Orders.Raed'), scopes('Orders.Read')],
      [{ scopes: { 'Orders.Read': SCOPE } }],
      ['permission_unknown Orders.Raed'],
    ],
    [
      'a permission once, however often it is used',
      [scopes('Other.Read'), allOf(scopes('Other.Read'), members()), scopes('Orders.Read')],
      [{ scopes: { 'Orders.Read': SCOPE } }],
      ['permission_unknown Other.Read'],
    ],
    [
      'a permission that no handler requires',
      [scopes('Orders.Read')],
      [{ scopes: { 'Orders.Read': SCOPE, 'Orders.Write': SCOPE } }],
      ['permission_unused Orders.Write'],
    ],
    [
      'nothing about a retired one',
      [scopes('Orders.Read')],
      [{ scopes: { 'Orders.Read': SCOPE, 'Orders.Write': { ...SCOPE, enabled: false } } }],
      [],
    ],
    [
      'a permission of the other kind, on both sides',
      [userRoles('Orders.Help'), scopes('Orders.Read')],
      [{ scopes: { 'Orders.Read': SCOPE }, appRoles: { 'Orders.Help': ROLE } }],
      [
        'scope_left_open GET /orders',
        'permission_unknown Orders.Help',
        'permission_unused Orders.Help',
        'no_delegated_twin Orders.Help',
        'no_application_twin Orders.Read',
      ],
    ],
    [
      'a role for both that is used for one',
      [userRoles('Orders.Help')],
      [{ appRoles: { 'Orders.Help': { ...ROLE, for: ['user', 'application'] } } }],
      ['scope_left_open GET /orders', 'permission_unused Orders.Help', 'role_for_both Orders.Help'],
    ],
    [
      'permissions of two APIs apart',
      [scopes('A.Read'), scopes('B.Read')],
      [{ scopes: { 'A.Read': SCOPE } }, { api: 'api://b', scopes: { 'B.Read': SCOPE } }],
      [],
    ],
    [
      'twins that are missing on either side',
      [scopes('Orders.Read'), scopes('Orders.Write'), appPermissions('orders.read.all', 'Orders.Delete')],
      [],
      ['no_delegated_twin Orders.Delete', 'no_application_twin Orders.Write'],
    ],
    ['no twins where there are only scopes', [scopes('Orders.Read')], [], []],
    ['no twins where there are only application permissions', [appPermissions('Orders.Read.All')], [], []],
  ])('%s', (_, requirements, catalogues, expected) => {
    const warnings = warningsOf(requirements.map(asking), catalogues);
    expect(found(warnings)).toEqual(expected);
  });

  it('says what to define for a twin', () => {
    const fixes = warningsOf([
      asking(scopes('Orders.Write')),
      asking(appPermissions('Orders.Read.All', 'Import')),
    ]).map(({ fix }) => fix);
    expect(fixes).toEqual([
      "Define the scope 'Import.Delegated', or leave it if people never do this.",
      "Define the scope 'Orders.Read', or leave it if people never do this.",
      "Define the app role 'Orders.Write.All' for: ['application'], or leave it if no daemon ever does this.",
    ]);
  });

  it('says as what the catalogue has a permission', () => {
    const catalogues = [{ scopes: { A: SCOPE }, appRoles: { B: ROLE, C: { ...ROLE, for: ['user'] } } }];
    const messages = warningsOf(
      [asking(userRoles('A')), asking(userRoles('B')), asking(scopes('C'))],
      catalogues,
    )
      .filter(({ code }) => code === 'permission_unknown')
      .map(({ message, fix }) => `${message} ${fix}`);
    expect(messages).toEqual([
      "The user role 'A' is required and not in the catalogue, which has it as a scope. Require it as a scope, or define it as what is required.",
      "The user role 'B' is required and not in the catalogue, which has it as an application permission. Require it as an application permission, or define it as what is required.",
      "The scope 'C' is required and not in the catalogue, which has it as a user role. Require it as a user role, or define it as what is required.",
    ]);
  });

  it.each([
    ...['access_as_user', 'user_impersonation', 'Access', 'All', 'api', 'Default', 'Admin', 'ReadWrite'],
    ...['Read', 'Read.All', 'Orders.FullControl', 'full_access', 'Full-Access.Orders', 'Everything'],
  ])('%s, which says too much', (value) => {
    expect(found(warningsOf([asking(scopes(value))]))).toEqual([`permission_over_broad ${value}`]);
  });

  it.each(['Orders.Read', 'Orders.Read.All', 'Orders.Admin', 'AccessReviews.Read', 'Users.Read', 'Readings'])(
    'not of %s',
    (value) => {
      expect(warningsOf([asking(scopes(value))])).toEqual([]);
    },
  );
});
