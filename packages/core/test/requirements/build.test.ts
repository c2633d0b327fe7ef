import { describe, expect, it } from 'vitest';
import { API, DAEMON, OTHER_TENANT, SPA, TENANT } from '../../../../test/support/forger.js';
import * as builders from '../../src/requirements/build.js';
import * as combinators from '../../src/requirements/combine.js';
import type { Requirement } from '../../src/requirements/requirement.js';
import { configurationSentence } from '../refusals.js';

/** As JavaScript callers see the builders: no compiler stands in the way. */
const untyped = { ...builders, ...combinators } as unknown as Readonly<
  Record<keyof typeof builders | keyof typeof combinators, (...given: unknown[]) => Requirement>
>;
const {
  allOf,
  anonymous,
  anyOf,
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
  scopes,
  signedInWithin,
  userRoles,
} = untyped;
const mine = (): boolean => true;

type Row = [sentence: string, build: () => unknown, ...keyWords: string[]];

function refuses(rows: readonly Row[]): void {
  it.each(rows)('%s', (_, refused, ...keyWords) => {
    const sentence = configurationSentence(refused);
    for (const keyWord of keyWords) expect(sentence).toContain(keyWord);
  });
}

describe('a permission that no token could hold is refused when it is named', () => {
  const kinds = [
    'scopes',
    'anyScope',
    'appPermissions',
    'anyAppPermission',
    'userRoles',
    'anyUserRole',
  ] as const;
  refuses(
    kinds.flatMap((kind): Row[] => [
      [
        `${kind}: nothing`,
        () => untyped[kind](),
        `${kind}() was given nothing`,
        'an empty list protects nothing',
      ],
      [`${kind}: undefined`, () => untyped[kind](undefined), `${kind}() was given undefined`, 'unset'],
      [`${kind}: the text 'undefined'`, () => untyped[kind]('undefined'), `'undefined'`, 'unset'],
      [`${kind}: the text 'null'`, () => untyped[kind]('null'), `'null'`, 'unset'],
      [`${kind}: an empty string`, () => untyped[kind](''), `given ''`, 'unset'],
      [`${kind}: one good, one undefined`, () => untyped[kind]('Orders.Read', undefined), 'undefined'],
      [`${kind}: a number`, () => untyped[kind](7), 'given 7'],
      [`${kind}: an array instead of values`, () => untyped[kind](['Orders.Read']), 'an array of 1'],
      [`${kind}: blanks`, () => untyped[kind]('   '), 'white space'],
      [
        `${kind}: two in one string`,
        () => untyped[kind]('Orders.Read Orders.Write'),
        'white space',
        'on its own',
      ],
      [`${kind}: a line break`, () => untyped[kind]('Orders.Read\n'), 'white space', '\\u000a'],
      [`${kind}: a no-break space`, () => untyped[kind]('Orders.Read\u00a0'), 'white space'],
      [`${kind}: everything`, () => untyped[kind]('*'), 'no wildcards'],
      [`${kind}: a wildcard`, () => untyped[kind]('Orders.*'), `'Orders.*'`, 'no wildcards'],
      [`${kind}: 121 characters`, () => untyped[kind]('x'.repeat(121)), 'At most 120'],
      [`${kind}: a leading dot`, () => untyped[kind]('.Orders'), 'not beginning with a dot'],
      [`${kind}: a quote`, () => untyped[kind]('Orders"Read'), 'without quotes'],
      [`${kind}: a backslash`, () => untyped[kind]('Orders\\Read'), 'backslashes'],
      [`${kind}: a letter beyond ASCII`, () => untyped[kind]('Größe.Lesen'), 'Entra does not allow'],
      [`${kind}: a look-alike letter`, () => untyped[kind]('Оrders.Read'), 'Entra does not allow'],
    ]),
  );

  refuses([
    [
      'a scope by its full name',
      () => scopes(`api://${API}/Orders.Read`),
      'short name',
      "scopes('Orders.Read')",
    ],
    [
      'a scope by its full name, any of',
      () => untyped.anyScope(`api://${API}/Orders.Read`),
      "anyScope('Orders.Read')",
    ],
    [
      'a scope under a web address',
      () => scopes('https://api.contoso.example/Orders.Read'),
      "scopes('Orders.Read')",
    ],
    ['.default', () => scopes('.default'), 'which clients ask for but no token holds'],
    ['.default of an API', () => scopes(`api://${API}/.default`), "/.default'", 'no token holds'],
    ['.default by client ID', () => scopes(`${API}/.default`), 'no token holds'],
  ]);

  it.each([
    'Orders.Read',
    'x'.repeat(120),
    'a',
    'Orders:Read/All',
    "O'Neill.Read",
    'user_impersonation',
    '!#$%&()+,-;<=>?@[]^`{|}~',
  ])('Entra allows %s', (value) => {
    for (const kind of kinds) expect(String(untyped[kind](value))).toContain(value.replace("'", "\\'"));
  });
});

describe('a narrowing that fits no caller is refused when it is written', () => {
  refuses([
    ['no client', () => clients(), 'clients() was given nothing'],
    ["a client's name", () => clients('orders-spa'), 'orders-spa', 'not a GUID', "client's ID"],
    ['an unset client', () => clients(undefined), 'undefined', 'not a GUID'],
    ['one client and one unset', () => clients(SPA, undefined), 'undefined'],
    ['a client without hyphens', () => clients(SPA.replaceAll('-', '')), 'not a GUID'],
    ['a client in braces', () => clients(`{${SPA}}`), 'not a GUID'],
    ['no tenant', () => inTenants(), 'inTenants() was given nothing'],
    ['a domain for a tenant', () => inTenants('contoso.com'), 'contoso.com', 'not a GUID'],
    ['an alias for a tenant', () => inTenants('common'), 'common', 'not a GUID'],
    ['authentication context c0', () => authContext('c0'), 'c0', 'c1 to c99'],
    ['authentication context c100', () => authContext('c100'), 'c100', 'c1 to c99'],
    ['authentication context c01', () => authContext('c01'), 'c01'],
    ['authentication context mfa', () => authContext('mfa'), 'mfa'],
    ['an authentication context without a name', () => authContext(''), 'c1 to c99'],
    ['an authentication context by number', () => authContext(1), 'given 1'],
    ['an unset authentication context', () => authContext(undefined), 'undefined'],
    ['15x', () => signedInWithin('15x'), '15x', 's, m, h or d'],
    ['a number without a unit', () => signedInWithin('15'), 'a unit'],
    ['a number as text instead of a duration', () => signedInWithin('900'), '900'],
    ['no time at all', () => signedInWithin('0m'), '0m'],
    ['a time to come', () => signedInWithin('-5m'), '-5m'],
    ['a fraction', () => signedInWithin('1.5h'), '1.5h'],
    ['a blank in between', () => signedInWithin('15 m'), '15 m'],
    ['an unset duration', () => signedInWithin(undefined), 'undefined'],
    ['an empty duration', () => signedInWithin(''), 'a unit'],
    [
      'a check without a function',
      () => check('owns order'),
      "check('owns order')",
      'undefined instead of a function',
    ],
    ['a check with null', () => check('owns order', null), 'null instead of a function'],
    ['a check that is its answer', () => check('owns order', true), 'boolean instead of a function'],
    ['a check without a name', () => check('', mine), 'short name'],
    ['a check with only a function', () => check(mine), 'a function', 'short name'],
    ['a check with a quote in its name', () => check("it's mine", mine), "it's mine", 'without quotes'],
    ['a check with a line break in its name', () => check('a\nb', mine), '\\u000a'],
    ['a check with 81 characters', () => check('x'.repeat(81), mine), 'short name'],
    [
      'a check with another way out',
      () => check('owns order', mine, { otherwise: 'hidden' }),
      'hidden',
      'not-found',
    ],
    ['members with another answer', () => members({ unknown: 'permit' }), 'permit', "'deny' or 'allow'"],
    ['noAgents with a boolean', () => noAgents({ unknown: true }), 'true', "'deny' or 'allow'"],
  ]);
});

describe('an option that is not read is refused', () => {
  refuses([
    ['authenticated', () => authenticated({ unassigned: true }), "'unassigned'", 'unassignedApps'],
    ['members', () => members({ unknow: 'allow' }), "'unknow'", 'unknown'],
    ['noAgents', () => noAgents({ allow: true }), "'allow'", 'unknown'],
    ['check', () => check('owns order', mine, { otherwize: 'not-found' }), "'otherwize'", 'otherwise'],
    [
      'check, with a word for the options',
      () => check('owns order', mine, 'not-found'),
      'check() was given not-found',
    ],
  ]);

  it('and unassignedApps opens only for true itself', () => {
    for (const almost of ['true', 'false', 1, {}]) {
      expect(String(authenticated({ unassignedApps: almost }))).toBe('authenticated()');
    }
  });
});

describe('what is not a requirement is refused', () => {
  const instead = 'instead of a requirement';
  refuses(
    (['anyOf', 'allOf'] as const).flatMap((algebra): Row[] => [
      [`${algebra}: nothing`, () => untyped[algebra](), `${algebra}() was given nothing`],
      [`${algebra}: a string`, () => untyped[algebra]('Orders.Read'), `the string 'Orders.Read'`, instead],
      [`${algebra}: undefined`, () => untyped[algebra](undefined), 'undefined', instead],
      [`${algebra}: null`, () => untyped[algebra](null), 'null', instead],
      [`${algebra}: a list`, () => untyped[algebra]([scopes('Orders.Read')]), 'object', instead],
      [`${algebra}: a builder that was not called`, () => untyped[algebra](members), 'function', instead],
      [`${algebra}: its JSON`, () => untyped[algebra](scopes('Orders.Read').toJSON()), 'object', instead],
      [
        `${algebra}: one good, one unset`,
        () => untyped[algebra](scopes('Orders.Read'), undefined),
        'undefined',
      ],
    ]),
  );
});

describe('a narrowing alone would let in every caller who fits it', () => {
  const narrowings = {
    'delegated()': delegated(),
    'appOnly()': appOnly(),
    'clients(…)': clients(SPA),
    'inTenants(…)': inTenants(TENANT),
    'members()': members(),
    'noAgents()': noAgents(),
    'authContext(…)': authContext('c1'),
    'signedInWithin(…)': signedInWithin('15m'),
    'check(…)': check('owns order', mine),
  };
  refuses(
    Object.entries(narrowings).flatMap(([name, narrowing]): Row[] => [
      [
        `anyOf(scopes, ${name})`,
        () => anyOf(scopes('Orders.Write'), narrowing),
        'only narrows',
        'next to a grant',
      ],
      [`anyOf(${name})`, () => anyOf(narrowing), 'only narrows'],
      [`allOf(${name})`, () => allOf(narrowing), 'grants nothing', 'Add a grant'],
    ]),
  );
  refuses([
    ['allOf of nothing but narrowings', () => allOf(members(), delegated(), clients(SPA)), 'grants nothing'],
  ]);
});

describe('anonymous() stands only alone', () => {
  refuses([
    ['first in anyOf', () => anyOf(anonymous(), scopes('Orders.Read')), 'open it to every caller'],
    ['last in anyOf', () => anyOf(scopes('Orders.Read'), anonymous()), 'open it to every caller'],
    ['alone in anyOf', () => anyOf(anonymous()), 'open it to every caller'],
    ['in allOf', () => allOf(scopes('Orders.Read'), anonymous()), 'open it to every caller'],
    ['in allOf with a narrowing', () => allOf(members(), anonymous()), 'open it to every caller'],
  ]);
});

describe('what no token can satisfy is refused', () => {
  const noToken = "can't be satisfied by any token";
  const read = () => scopes('Orders.Read');
  const readAll = () => appPermissions('Orders.Read.All');
  refuses([
    ['a scope and an application permission', () => allOf(read(), readAll()), noToken, 'anyOf'],
    ['a user role and an application permission', () => allOf(userRoles('Admin'), readAll()), noToken],
    ['a scope of an app without a user', () => allOf(read(), appOnly()), noToken],
    ['a user role of an app without a user', () => allOf(userRoles('Admin'), appOnly()), noToken],
    ['an application permission of a user', () => allOf(readAll(), delegated()), noToken],
    ['a user and an app without a user', () => allOf(authenticated(), delegated(), appOnly()), noToken],
    ['an app without a user that is not a guest', () => allOf(readAll(), members()), noToken],
    [
      'an app without a user with an authentication context',
      () => allOf(readAll(), authContext('c1')),
      noToken,
    ],
    ['an app without a user that signed in', () => allOf(readAll(), signedInWithin('15m')), noToken],
    [
      'alternatives for users, for apps only',
      () => allOf(anyOf(read(), userRoles('Admin')), appOnly()),
      noToken,
    ],
    ['in a branch', () => anyOf(read(), allOf(readAll(), delegated())), noToken],
    ['in what is nested', () => allOf(allOf(read(), members()), readAll()), noToken],
    [
      'two lists of clients without a common one',
      () => allOf(read(), clients(SPA), clients(DAEMON)),
      'nothing in common',
      SPA,
      DAEMON,
    ],
    [
      'two lists of tenants without a common one',
      () => allOf(read(), inTenants(TENANT), inTenants(OTHER_TENANT)),
      'nothing in common',
      'one list',
    ],
  ]);
});

describe('a branch that another makes pointless is refused, because it widens by accident', () => {
  const wider = 'already grants';
  const read = () => scopes('Orders.Read');
  const app = () => appPermissions('Orders.Read.All');
  refuses([
    [
      'one scope next to that scope and another',
      () => anyOf(read(), scopes('Orders.Read', 'Orders.Write')),
      wider,
    ],
    ['a scope next to the same scope narrowed', () => anyOf(read(), allOf(read(), clients(SPA))), wider],
    ['the same, the other way round', () => anyOf(allOf(read(), members()), read()), wider],
    [
      'a scope next to the same scope checked',
      () => anyOf(read(), allOf(read(), check('owns order', mine))),
      wider,
    ],
    ['one of two scopes next to both', () => anyOf(untyped.anyScope('A', 'B'), scopes('A', 'C')), wider],
    ['authenticated() next to a scope', () => anyOf(authenticated(), read()), 'authenticated()', wider],
    ['authenticated() next to an application permission', () => anyOf(app(), authenticated()), wider],
    [
      'authenticated() next to what is narrowed',
      () => anyOf(authenticated(), allOf(app(), clients(DAEMON))),
      wider,
    ],
    [
      'every app next to an application permission',
      () => anyOf(authenticated({ unassignedApps: true }), app()),
      wider,
    ],
    [
      'both kinds of authenticated()',
      () => anyOf(authenticated({ unassignedApps: true }), authenticated()),
      wider,
    ],
    ['two nestings down', () => anyOf(anyOf(read(), app()), allOf(read(), userRoles('Admin'))), wider],
  ]);

  it.each<Row>([
    ['a scope narrowed in two ways', () => anyOf(allOf(read(), clients(SPA)), allOf(read(), members()))],
    ['two scopes together or a third', () => anyOf(scopes('A', 'B'), scopes('C'))],
    [
      'the same value as scope, role and permission',
      () => anyOf(scopes('X'), userRoles('X'), appPermissions('X')),
    ],
    [
      'the same narrowing on two grants',
      () => anyOf(allOf(read(), inTenants(TENANT)), allOf(app(), inTenants(TENANT))),
    ],
    // A role-less token of this one daemon passes the second branch and not the first.
    [
      'authenticated() next to one daemon without any role',
      () => anyOf(authenticated(), allOf(authenticated({ unassignedApps: true }), clients(DAEMON))),
    ],
  ])('%s is not such a branch', (_, accepted) => {
    expect(accepted).not.toThrow();
  });
});
