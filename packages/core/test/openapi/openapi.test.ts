import { describe, expect, it } from 'vitest';
import {
  allOf,
  anonymous,
  anyOf,
  anyScope,
  appOnly,
  appPermissions,
  authenticated,
  check,
  clients,
  delegated,
  describeOperation,
  describeSchemes,
  type Grant,
  members,
  scopes,
  scopesIn,
  signedInWithin,
  userRoles,
} from '../../src/index.js';

const applicationIdUri = 'api://orders';
const read = { entra: ['api://orders/Orders.Read'] };
const app = { entraApp: ['api://orders/.default'] };
const many = (letter: string, count: number): Grant =>
  anyScope(`${letter}0`, ...Array.from({ length: count - 1 }, (_, index) => `${letter}${index + 1}`));
const own = check('owns order', () => true);

describe('the security requirement of an operation', () => {
  it.each<[name: string, requirement: Grant, security: readonly object[]]>([
    ['a scope', scopes('Orders.Read'), [read]],
    ['two scopes', scopes('B', 'A'), [{ entra: ['api://orders/A', 'api://orders/B'] }]],
    [
      'either of two scopes',
      anyScope('A', 'B'),
      [{ entra: ['api://orders/A'] }, { entra: ['api://orders/B'] }],
    ],
    ['an application permission', appPermissions('Orders.Read.All'), [app]],
    ['a user or an app', anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All')), [app, read]],
    ['a role of the user', allOf(userRoles('Admin'), delegated()), [{ entra: [] }]],
    ['a scope and a role', allOf(scopes('Orders.Read'), userRoles('Admin')), [read]],
    [
      'a scope and narrowings',
      allOf(scopes('Orders.Read'), clients('11112222-bbbb-3333-cccc-4444dddd5555'), members(), own),
      [read],
    ],
    [
      'a scope and one of two others',
      allOf(scopes('A'), anyScope('B', 'C')),
      [{ entra: ['api://orders/A', 'api://orders/B'] }, { entra: ['api://orders/A', 'api://orders/C'] }],
    ],
    ['anybody with a token', authenticated(), [{ entra: [] }, app]],
    ['any app', allOf(authenticated(), appOnly()), [app]],
    ['a recent sign-in', allOf(authenticated(), signedInWithin('15m')), [{ entra: [] }]],
    [
      'one of three apps, and users',
      anyOf(appPermissions('A'), appPermissions('B', 'C'), scopes('Orders.Read')),
      [app, read],
    ],
  ])('%s', (_, requirement, security) => {
    expect(describeOperation(requirement, { applicationIdUri }).security).toEqual(security);
  });

  it('with more alternatives than anybody reads is a token, and the text says which', () => {
    const { security, responses } = describeOperation(many('S', 17), { applicationIdUri });
    expect(security).toEqual([{ entra: [] }]);
    expect(responses['403']?.description).toContain("'S16'");
    expect(describeOperation(many('S', 16), { applicationIdUri }).security).toHaveLength(16);
  });

  it('does not grow without bounds', () => {
    const huge = allOf(many('A', 40), many('B', 40), many('C', 40), many('D', 40));
    expect(describeOperation(huge, { applicationIdUri }).security).toEqual([{ entra: [] }]);
  });

  it('leaves no kind of caller out, however many alternatives there are', () => {
    const [user, app] = [{ entra: [] }, { entraApp: [`${applicationIdUri}/.default`] }];
    const sets = Array.from({ length: 70 }, (_, at) => userRoles(`Role.${at}`));
    const withApp = anyOf(many('S', 70), appPermissions('Orders.Read.All'));
    const { security, responses } = describeOperation(withApp, { applicationIdUri });
    expect(new Set(security.map((one) => JSON.stringify(one)))).toEqual(
      new Set([user, app].map((one) => JSON.stringify(one))),
    );
    expect(responses['403']?.description).toContain('too many alternatives to list');
    // Seventy that a document can't tell apart are one, and the one behind them is there.
    const roles = anyOf(...(sets as [Grant, ...Grant[]]), allOf(scopes('Last'), userRoles('Last')));
    expect(describeOperation(roles, { applicationIdUri }).security).toEqual([
      { entra: [`${applicationIdUri}/Last`] },
      user,
    ]);
    const both = allOf(anyOf(...(sets as [Grant, ...Grant[]])), anyOf(many('S', 60), scopes('Z', 'Y')));
    expect(describeOperation(both, { applicationIdUri }).security).toEqual([user]);
  });

  it('of an open operation is empty, and it has no refusals', () => {
    expect(describeOperation(anonymous(), { applicationIdUri })).toEqual({ security: [], responses: {} });
  });

  it('where any accepted token will do', () => {
    const { security, responses } = describeOperation(undefined, { applicationIdUri });
    expect(security).toEqual([{ entra: [] }]);
    expect(responses['403']?.description).toContain('an accepted token');
  });

  it('writes scopes in full, and schemes by the names that they are given', () => {
    const requirement = anyOf(scopes('Orders.Read'), appPermissions('A'));
    const names = {
      applicationIdUri: 'https://orders.contoso.example/',
      userScheme: 'user',
      appScheme: 'job',
    };
    expect(describeOperation(requirement, names).security).toEqual([
      { job: ['https://orders.contoso.example/.default'] },
      { user: ['https://orders.contoso.example/Orders.Read'] },
    ]);
  });
});

describe('the answers of an operation', () => {
  it('401, 403 with what is required and why, and 503', () => {
    const requirement = scopes('Orders.Read').because('GDPR art. 15').because('the books');
    const { responses } = describeOperation(requirement, { applicationIdUri });
    expect(Object.keys(responses)).toEqual(['401', '403', '503']);
    expect(responses['403']?.description).toBe(
      "The caller may not. Required: `scopes('Orders.Read')`. Why: GDPR art. 15; the books.",
    );
    expect(responses['401']?.content['application/problem+json']?.schema).toMatchObject({
      required: ['title', 'status', 'code', 'detail'],
    });
    expect(describeOperation(scopes('A'), { applicationIdUri }).responses['403']?.description).toBe(
      "The caller may not. Required: `scopes('A')`.",
    );
  });
});

describe('security schemes', () => {
  const server = {
    authorizationUrl: 'https://login.example/authorize',
    tokenUrl: 'https://login.example/token',
    applicationIdUri,
  };

  it('name the endpoints, and the scopes in full', () => {
    expect(describeSchemes(server, { 'Orders.Read': 'Read orders' })).toEqual({
      entra: {
        type: 'oauth2',
        description: 'An app acting for a signed-in user.',
        flows: {
          authorizationCode: {
            authorizationUrl: server.authorizationUrl,
            tokenUrl: server.tokenUrl,
            scopes: { 'api://orders/Orders.Read': 'Read orders' },
          },
        },
      },
      entraApp: {
        type: 'oauth2',
        description: 'An app without a user, with the application permissions that it was granted.',
        flows: {
          clientCredentials: {
            tokenUrl: server.tokenUrl,
            scopes: { 'api://orders/.default': 'All application permissions that the app was granted.' },
          },
        },
      },
    });
    expect(Object.keys(describeSchemes(server, {}, { userScheme: 'user', appScheme: 'job' }))).toEqual([
      'user',
      'job',
    ]);
  });

  it('the scopes of a requirement are all those that it names', () => {
    const requirement = anyOf(allOf(scopes('B'), anyScope('A', 'C')), appPermissions('X'), scopes('D', 'E'));
    expect(scopesIn(requirement)).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(scopesIn(anonymous())).toEqual([]);
  });
});
