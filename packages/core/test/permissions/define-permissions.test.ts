import {
  allOf,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appPermissions,
  definePermissions,
  type Grant,
  inAnyGroup,
  inGroups,
  type Narrowing,
  scopes,
  userRoles,
  withoutUserRoles,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { define, type Loose, orders, ROLE, SCOPE } from '../../../../test/support/orders.js';
import { configurationSentence } from '../refusals.js';

const CLIENT = '11111111-1111-4111-8111-111111111111';

describe('requirements of a catalogue', () => {
  it.each<[string, Grant, Grant, string[]]>([
    ['scopes', orders.scopes('Orders.Read'), scopes('Orders.Read'), ['The web shop shows them.']],
    [
      'any scope',
      orders.anyScope('Orders.Read', 'Orders.Write'),
      anyScope('Orders.Write', 'Orders.Read'),
      ['The web shop shows them.', 'The web shop takes them.'],
    ],
    [
      'application permissions',
      orders.appPermissions('Orders.Read.All'),
      appPermissions('Orders.Read.All'),
      ['Invoices are written at night.'],
    ],
    [
      'any application permission',
      orders.anyAppPermission('Orders.Read.All', 'Orders.Audit'),
      anyAppPermission('Orders.Read.All', 'Orders.Audit'),
      ['Invoices are written at night.', 'Law asks for it.'],
    ],
    [
      'user roles',
      orders.userRoles('Orders.Admin'),
      userRoles('Orders.Admin'),
      ['The help desk helps customers.'],
    ],
    [
      'any user role',
      orders.anyUserRole('Orders.Admin', 'Orders.Audit'),
      anyUserRole('Orders.Admin', 'Orders.Audit'),
      ['The help desk helps customers.', 'Law asks for it.'],
    ],
  ])('%s are the plain ones, and say why and whose', (_, ofCatalogue, plain, reasons) => {
    expect(ofCatalogue.equals(plain)).toBe(true);
    expect(ofCatalogue.role).toBe('grant');
    expect(ofCatalogue.reasons).toEqual(reasons);
    expect(ofCatalogue.owner).toBe(orders.catalogue.owner);
    expect(ofCatalogue.catalogues).toEqual([orders.catalogue]);
    expect(plain.owner).toBeUndefined();
  });

  it('keep reason and owner inside anyOf, allOf and because', () => {
    const read = orders.scopes('Orders.Read');
    for (const composed of [
      anyOf(read, appPermissions('Plain')),
      allOf(read, userRoles('Plain')),
      read.because('And more.'),
    ]) {
      expect(composed.owner).toEqual(orders.catalogue.owner);
      expect(composed.reasons).toContain('The web shop shows them.');
    }
    expect(anyOf(read, orders.appPermissions('Orders.Read.All')).catalogues).toEqual([orders.catalogue]);
  });

  it('can be destructured', () => {
    const { scopes: ordersScopes } = orders;
    expect(String(ordersScopes('Orders.Read'))).toBe("scopes('Orders.Read')");
  });

  it.each<[string, () => unknown, string]>([
    [
      'a misspelt scope',
      () => orders.scopes('Orders.Raed' as 'Orders.Read'),
      "no scope 'Orders.Raed'. It has Orders.Read, Orders.Write.",
    ],
    [
      'a user role as an application permission',
      () => orders.appPermissions('Orders.Admin' as 'Orders.Audit'),
      "no application permission 'Orders.Admin'. It has Orders.Read.All, Orders.Audit.",
    ],
    [
      'an application permission as a user role',
      () => orders.userRoles('Orders.Read.All' as 'Orders.Audit'),
      "no user role 'Orders.Read.All'. It has Orders.Admin, Orders.Audit.",
    ],
    [
      'a role where there are none',
      () => define({ scopes: { A: SCOPE } }).userRoles('A' as never),
      "no user role 'A'. It has none.",
    ],
    ['nothing', () => (orders.scopes as () => unknown)(), 'scopes() was given nothing.'],
    [
      'a member that every object has',
      () => orders.scopes('toString' as 'Orders.Read'),
      "no scope 'toString'",
    ],
  ])('refuse %s', (_, build, sentence) => {
    expect(configurationSentence(build)).toContain(sentence);
  });
});

describe('the catalogue', () => {
  it('is plain data that JSON keeps as it stands', () => {
    expect(JSON.parse(JSON.stringify(orders.catalogue))).toEqual(orders.catalogue);
  });

  it('is frozen all the way down, and no part of what it was made of', () => {
    const definition = { scopes: { A: { ...SCOPE } }, appRoles: { B: { ...ROLE, for: ['user'] } } };
    const { catalogue } = define(definition);
    definition.scopes.A.description = 'changed';
    definition.appRoles.B.for.push('application');
    expect(catalogue.scopes[0]?.description).toBe('Read.');
    expect(catalogue.appRoles[0]?.for).toEqual(['user']);
    expect(unfrozenIn({ ...orders, catalogue: orders.catalogue })).toEqual([]);
    expect(Object.isFrozen(orders)).toBe(true);
  });

  it('fills in what is not said', () => {
    expect(define({ scopes: { A: SCOPE } }).catalogue).toEqual({
      api: 'api://orders',
      owner: { team: 'Orders' },
      scopes: [
        {
          value: 'A',
          title: 'A',
          description: 'Read.',
          because: 'They ask.',
          consent: 'user',
          enabled: true,
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      ],
      appRoles: [],
      preAuthorized: [],
      groups: [],
      warnings: [],
    });
  });

  it.each<[string, Loose, Loose]>([
    ['a title', { title: ' Read ' }, { title: 'Read' }],
    ['an id, in lower case', { id: CLIENT.toUpperCase() }, { id: CLIENT }],
    ['one that is retired', { enabled: false }, { enabled: false }],
    ['one that is said to be enabled', { enabled: true }, { enabled: true }],
  ])('takes %s', (_, change, expected) => {
    const { catalogue } = define({ scopes: { A: { ...SCOPE, ...change } } });
    expect(catalogue.scopes[0]).toMatchObject(expected);
  });

  it('derives the same id in every run, and another for each API and each value', () => {
    const idOf = (api: string, value: string) =>
      define({ api, scopes: { [value]: SCOPE } }).catalogue.scopes[0]?.id;
    // Fixed: another one would orphan the consents of deployed APIs.
    expect(idOf('api://orders', 'Orders.Read')).toBe('4f7bd100-5ee4-5961-a198-12104cca5332');
    expect(idOf('api://orders', 'Orders.Read')).toBe(idOf('api://orders', 'Orders.Read'));
    expect(new Set([idOf('api://a', 'A'), idOf('api://a', 'B'), idOf('api://b', 'A')]).size).toBe(3);
  });

  it('derives version 5 UUIDs (RFC 9562)', () => {
    const ids = Array.from({ length: 40 }, (__, at) => define({ scopes: { [`A${at}`]: SCOPE } }));
    for (const { catalogue } of ids) {
      expect(catalogue.scopes[0]?.id).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it.each([
    [CLIENT.toUpperCase(), `api://${CLIENT}`],
    ['https://contoso.example/orders', 'https://contoso.example/orders'],
    ['http://contoso.example/orders', 'http://contoso.example/orders'],
    ['urn:contoso:orders', 'urn:contoso:orders'],
    [`api://${'a'.repeat(249)}`, `api://${'a'.repeat(249)}`],
  ])('reads the API %s', (given, api) => {
    expect(define({ api: given, scopes: { A: SCOPE } }).catalogue.api).toBe(api);
  });

  it('warns of a role that is open to users and apps, and of no other', () => {
    expect(orders.catalogue.warnings).toEqual([
      {
        code: 'role_for_both',
        permission: 'Orders.Audit',
        message:
          "The app role 'Orders.Audit' is open to users and to apps, so one assignment page serves two meanings.",
        fix: "Make two roles: 'Orders.Audit' for: ['user'], and 'Orders.Audit.All' for: ['application'].",
      },
    ]);
    expect(orders.catalogue.appRoles.at(-1)?.for).toEqual(['user', 'application']);
  });

  it('keeps clients whose users are not asked', () => {
    const preAuthorized = [
      { clientId: CLIENT.toUpperCase(), scopes: ['A', 'A'], because: 'Our own web shop.' },
    ];
    expect(define({ scopes: { A: SCOPE }, preAuthorized }).catalogue.preAuthorized).toEqual([
      { clientId: CLIENT, scopes: ['A'], because: 'Our own web shop.' },
    ]);
  });

  it('takes as many permissions as a registration does', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`S${at}`, SCOPE]));
    expect(define({ scopes: many(1200) }).catalogue.scopes).toHaveLength(1200);
    expect(configurationSentence(() => define({ scopes: many(1200), appRoles: { R: ROLE } }))).toContain(
      'has 1201 permissions; an app registration takes at most 1200',
    );
  });
});

describe('definePermissions refuses', () => {
  const scope = (change: Loose): Loose => ({ scopes: { A: { ...SCOPE, ...change } } });
  const role = (change: Loose): Loose => ({ appRoles: { A: { ...ROLE, ...change } } });
  const client = (change: Loose): Loose => ({
    scopes: { A: SCOPE },
    preAuthorized: [{ clientId: CLIENT, scopes: ['A'], because: 'Ours.', ...change }],
  });

  it.each<[string, Loose, string]>([
    ['no API', { api: undefined }, 'api is undefined, and not an application ID URI.'],
    ['an API without a scheme', { api: 'orders' }, "api is 'orders', and not"],
    ['an API with a slash at the end', { api: 'api://orders/' }, "api is 'api://orders/'"],
    ['an API with a wildcard', { api: 'https://*.contoso.example' }, "api is 'https://*.contoso"],
    ['an API with a query', { api: 'https://contoso.example/?a' }, 'and not an application ID URI'],
    ['an API with a fragment', { api: 'https://contoso.example/#a' }, 'and not an application ID URI'],
    ['an API of 256 characters', { api: `api://${'a'.repeat(250)}` }, 'at most 255 characters'],
    ['text around an API', { api: 'see api://orders' }, "api is 'see api://orders'"],
    ['no owner', { owner: undefined }, 'The catalogue names no owner.'],
    ['an owner without a team', { owner: { contact: 'a' } }, 'owner names no team.'],
    ['an owner whose team is empty', { owner: { team: '' } }, 'owner names no team.'],
    ['an owner whose contact is not text', { owner: { team: 'A', contact: 1 } }, 'owner names no team.'],
    ['a misspelt member of the owner', { owner: { team: 'A', oncall: 'B' } }, "Did you mean 'onCall'?"],
    ['a misspelt part', { scope: {} }, "Did you mean 'scopes'?"],
    ['no permissions', {}, 'The catalogue has no permissions.'],
    ['a list of scopes', { scopes: ['A'] }, 'scopes is an array of 1.'],
    ['a text for scopes', { scopes: 'A' }, 'scopes is A.'],
    ['a scope that is text', { scopes: { A: 'Read' } }, "scopes['A'] is Read."],
    [
      'a scope with white space',
      { scopes: { 'A B': SCOPE } },
      "scopes() was given 'A B', which holds white space",
    ],
    ['a scope with a wildcard', { scopes: { 'A.*': SCOPE } }, 'Entra has no wildcards'],
    ['a full scope URI', { scopes: { 'api://orders/A': SCOPE } }, "Write scopes('A')."],
    ['a scope that begins with a dot', { scopes: { '.A': SCOPE } }, 'not beginning with a dot'],
    ['a scope of 121 characters', { scopes: { ['A'.repeat(121)]: SCOPE } }, 'At most 120'],
    ['a role with quotes', { appRoles: { 'A"': ROLE } }, 'appPermissions() was given'],
    ['a scope without consent', scope({ consent: undefined }), "scopes['A'].consent is undefined. Say who"],
    ['a scope with Graph’s word for consent', scope({ consent: 'User' }), "scopes['A'].consent is User."],
    ['a scope with holders', scope({ for: ['user'] }), "no member of scopes['A'] called 'for'"],
    ['a role with a consent', role({ consent: 'user' }), "no member of appRoles['A'] called 'consent'"],
    ['a role without holders', role({ for: [] }), "appRoles['A'].for is []. Say who"],
    ['a role for text', role({ for: 'user' }), "appRoles['A'].for is user."],
    ['a role for Graph’s words', role({ for: ['User'] }), "appRoles['A'].for is [User]."],
    ['a role for one and something', role({ for: ['user', 1] }), 'for is [user, 1].'],
    ['no description', scope({ description: undefined }), "scopes['A'].description is undefined."],
    ['an empty description', scope({ description: '' }), "scopes['A'].description is empty. Write 1 to 1000"],
    ['a description of spaces', scope({ description: '  ' }), 'description is   .'],
    ['a description of 1001 characters', scope({ description: 'a'.repeat(1001) }), 'Write 1 to 1000'],
    ['a description of two lines', scope({ description: 'a\nb' }), 'description is a\\u000ab.'],
    ['a title of 121 characters', scope({ title: 'a'.repeat(121) }), 'Write 1 to 120 characters'],
    ['a title that is a number', role({ title: 7 }), "appRoles['A'].title is 7."],
    ['no reason', scope({ because: undefined }), 'because is undefined. Say in a few words why'],
    ['an id that is not a GUID', scope({ id: '1' }), "scopes['A'].id is 1, which is not a GUID."],
    ['something between enabled and not', scope({ enabled: 'no' }), "scopes['A'].enabled is no."],
    [
      'a scope and a role of one name',
      { scopes: { A: SCOPE }, appRoles: { A: ROLE } },
      "'A' and 'A' are the same name",
    ],
    ['names that differ in case only', { scopes: { A: SCOPE, a: SCOPE } }, "'A' and 'a' are the same name"],
    [
      'one id twice',
      { scopes: { A: { ...SCOPE, id: CLIENT } }, appRoles: { B: { ...ROLE, id: CLIENT } } },
      `'A' and 'B' have the same id, ${CLIENT}.`,
    ],
    [
      'clients that are not a list',
      { scopes: { A: SCOPE }, preAuthorized: {} },
      'preAuthorized is an object.',
    ],
    ['a client that is text', { scopes: { A: SCOPE }, preAuthorized: [CLIENT] }, 'preAuthorized[0] is'],
    ['a client without an ID', client({ clientId: 'web' }), 'preAuthorized[0].clientId is web, which is not'],
    [
      'a client without scopes',
      client({ scopes: [] }),
      'preAuthorized[0].scopes is empty. Name scopes of this catalogue: A.',
    ],
    ['a client whose scopes are text', client({ scopes: 'A' }), 'preAuthorized[0].scopes is empty.'],
    ['a client with an unknown scope', client({ scopes: ['B'] }), "preAuthorized[0].scopes names 'B'."],
    ['a client without a reason', client({ because: '' }), 'preAuthorized[0].because is empty.'],
    ['a misspelt member of a client', client({ scope: ['A'] }), "Did you mean 'scopes'?"],
    [
      'a client with scopes where there are none',
      {
        scopes: {},
        appRoles: { A: ROLE },
        preAuthorized: [{ clientId: CLIENT, scopes: ['A'], because: 'b' }],
      },
      'it has none',
    ],
    [
      'one client twice',
      {
        scopes: { A: SCOPE },
        preAuthorized: [CLIENT, CLIENT].map((clientId) => ({ clientId, scopes: ['A'], because: 'b' })),
      },
      `names the client ${CLIENT} twice`,
    ],
  ])('%s', (_, changes, sentence) => {
    expect(configurationSentence(() => define(changes))).toContain(sentence);
  });

  it.each([
    ['nothing', undefined, 'The catalogue is undefined.'],
    ['a list', [], 'The catalogue is an array of 0.'],
  ])('%s in its place', (_, definition, sentence) => {
    expect(configurationSentence(() => defineAny(definition))).toContain(sentence);
  });
});

function defineAny(definition: unknown): unknown {
  return definePermissions(definition as never);
}

function unfrozenIn(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, part]) => unfrozenIn(part, `${path}.${name}`));
  return Object.isFrozen(value) || path === '' ? inner : [path, ...inner];
}

describe('narrowings of a catalogue', () => {
  const MANAGERS = '22222222-2222-4222-8222-222222222222';
  const PAYROLL = '33333333-3333-4333-8333-333333333333';
  const payroll = definePermissions({
    api: 'api://payroll',
    owner: { team: 'Payroll' },
    scopes: { 'Payroll.Pay': { description: 'Pay.', consent: 'admin', because: 'Wages.' } },
    appRoles: { 'Payroll.Admin': { description: 'Set up.', for: ['user'], because: 'Set-up.' } },
    groups: {
      Managers: { id: MANAGERS.toUpperCase(), because: 'They sign.' },
      Payroll: { id: PAYROLL, because: 'They pay.' },
    },
  });

  it.each<[string, Narrowing, Narrowing, string[]]>([
    [
      'groups by name',
      payroll.inGroups('Managers', 'Payroll'),
      inGroups(MANAGERS, PAYROLL),
      ['They sign.', 'They pay.'],
    ],
    [
      'any group by name',
      payroll.inAnyGroup('Managers', 'Payroll'),
      inAnyGroup(MANAGERS, PAYROLL),
      ['They sign.', 'They pay.'],
    ],
    ['roles that keep out', payroll.withoutUserRoles('Payroll.Admin'), withoutUserRoles('Payroll.Admin'), []],
  ])('%s are the plain ones, and say why and whose', (_, ofCatalogue, plain, reasons) => {
    expect(ofCatalogue.equals(plain)).toBe(true);
    expect(ofCatalogue.role).toBe('narrowing');
    expect(ofCatalogue.reasons).toEqual(reasons);
    expect(ofCatalogue.catalogues).toEqual([payroll.catalogue]);
  });

  it('have groups in the catalogue, as plain data', () => {
    expect(payroll.catalogue.groups).toEqual([
      { name: 'Managers', id: MANAGERS, because: 'They sign.' },
      { name: 'Payroll', id: PAYROLL, because: 'They pay.' },
    ]);
    expect(unfrozenIn(payroll.catalogue)).toEqual([]);
  });

  const groups = (given: unknown) => () => define({ scopes: { A: SCOPE }, groups: given });
  it.each<[string, () => unknown, string]>([
    [
      'a misspelt group',
      () => payroll.inGroups('Manager' as 'Managers'),
      "no group 'Manager'. It has Managers, Payroll.",
    ],
    ['an ID in the place of a name', () => payroll.inAnyGroup(MANAGERS as 'Managers'), 'no group'],
    ['no group', () => (payroll.inGroups as () => unknown)(), 'inGroups() was given nothing'],
    [
      'a misspelt role to keep out',
      () => payroll.withoutUserRoles('Payroll.Admn' as 'Payroll.Admin'),
      "no user role 'Payroll.Admn'",
    ],
    [
      'no role to keep out',
      () => (payroll.withoutUserRoles as () => unknown)(),
      'withoutUserRoles() was given nothing',
    ],
    ['groups in a list', groups([MANAGERS]), 'groups is an array of 1'],
    ['a group that is an ID alone', groups({ Managers: MANAGERS }), "groups['Managers'] is"],
    [
      'a group without an ID',
      groups({ Managers: { because: 'x' } }),
      "groups['Managers'].id is undefined, which is not a GUID",
    ],
    [
      'a group without a reason',
      groups({ Managers: { id: MANAGERS } }),
      "groups['Managers'].because is undefined",
    ],
    ['an unknown member', groups({ Managers: { id: MANAGERS, becuase: 'x' } }), "Did you mean 'because'?"],
    [
      'one group under two names',
      groups({ A: { id: MANAGERS, because: 'x' }, B: { id: MANAGERS, because: 'x' } }),
      'twice',
    ],
  ])('refuse %s', (_, build, sentence) => {
    expect(configurationSentence(build)).toContain(sentence);
  });
});
