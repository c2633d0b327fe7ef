import { judgeTests, readPolicy } from '@entra-guard/proxy/policy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HOST, problemsIn, textOf } from './policy-of.js';

const RULES = [
  "GET /orders/** anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))",
  "DELETE /orders/{id} allOf(scopes('Orders.Write'), userRoles('Orders.Admin'))",
  "POST /fresh allOf(scopes('Orders.Write'), signedInWithin('10m'), members(), noAgents())",
  "PUT /groups allOf(scopes('Orders.Write'), inGroups('aaaaaaaa-0000-cccc-1111-dddd2222eeee'))",
  "PATCH /c allOf(scopes('Orders.Write'), authContext('c1'), clients('bbbbbbbb-0000-cccc-1111-dddd2222eeee'))",
  "POST /agents allOf(scopes('Orders.Write'), agents())",
  "POST /own allOf(appPermissions('Orders.Read.All'), agents())",
];
const WRITE = 'scopes: [Orders.Write]';

const withTests = (...rows: readonly string[]) =>
  `${textOf(RULES)}callers:\n  ada: { user: ada, scopes: [Orders.Read] }\ntests:\n${rows.map((row) => `  - { ${row} }`).join('\n')}\n`;
const judged = (...rows: readonly string[]) => judgeTests(readPolicy(withTests(...rows), { env: {} }));

afterEach(() => vi.unstubAllEnvs());

describe('the table of a policy', () => {
  it.each([
    'as: ada, GET: /orders/42, allow: true',
    'as: ada, GET: /orders/42?x=1, allow: true, rule: /orders/**',
    'as: ada, HEAD: /orders/42, allow: true',
    'as: { app: nightly, roles: [Orders.Read.All] }, GET: /orders, allow: true',
    'as: { app: nightly }, GET: /orders, refuse: role_missing',
    'GET: /orders, refuse: credentials_missing',
    'GET: /orders, refuse: true',
    'as: ada, DELETE: /orders/42, refuse: scope_missing, rule: "/orders/{id}"',
    `as: { user: bob, ${WRITE}, roles: [Orders.Admin] }, DELETE: /orders/42, allow: true`,
    'as: ada, GET: /orders/%2e%2e/health, refuse: path_not_canonical',
    'as: ada, TRACE: /orders, refuse: method_not_allowed',
    'as: ada, CONNECT: /orders, refuse: method_not_allowed',
    'as: ada, GET: "http://evil/", refuse: path_not_canonical',
    'as: ada, GET: /other, refuse: no_requirement',
    'as: ada, host: evil.example, GET: /orders, refuse: host_not_known',
    `as: ada, host: "${HOST}:8443", GET: /orders, allow: true`,
    `as: { user: bob, ${WRITE}, signedIn: 5m }, POST: /fresh, allow: true`,
    `as: { user: bob, ${WRITE}, signedIn: 11m }, POST: /fresh, refuse: sign_in_too_old`,
    `as: { user: bob, ${WRITE}, signedIn: 5m, guest: true }, POST: /fresh, refuse: guest_not_allowed`,
    `as: { agent: helper, for: bob, ${WRITE}, signedIn: 5m }, POST: /fresh, refuse: agent_not_allowed`,
    `as: { agent: helper, for: bob, ${WRITE} }, POST: /agents, allow: true`,
    `as: { user: bob, ${WRITE} }, POST: /agents, refuse: agent_not_allowed`,
    'as: { agent: helper, roles: [Orders.Read.All] }, POST: /own, allow: true',
    'as: { app: nightly, roles: [Orders.Read.All] }, POST: /own, refuse: true',
    `as: { user: bob, ${WRITE}, groups: [aaaaaaaa-0000-cccc-1111-dddd2222eeee] }, PUT: /groups, allow: true`,
    `as: { user: bob, ${WRITE}, groups: overage }, PUT: /groups, refuse: groups_overage`,
    `as: { user: bob, ${WRITE}, client: bbbbbbbb-0000-cccc-1111-dddd2222eeee, authenticationContexts: [c1] }, PATCH: /c, allow: true`,
    `as: { user: bob, ${WRITE}, client: cccccccc-0000-cccc-1111-dddd2222eeee, authenticationContexts: [c1] }, PATCH: /c, refuse: client_not_allowed`,
  ])('holds: %s', (row) => {
    expect(judged(row).map(({ failure }) => failure)).toEqual(['']);
  });

  it.each([
    ['as: ada, DELETE: /orders/42, allow: true', 'was refused with scope_missing by /orders/{id}'],
    ['as: ada, GET: /orders/42, refuse: true', 'was allowed by /orders/**'],
    ['as: ada, GET: /orders/42, refuse: scope_missing', 'was allowed by /orders/**'],
    [
      'GET: /orders/42, refuse: scope_missing',
      'was refused with credentials_missing by /orders/**, and not with scope_missing',
    ],
    ['as: ada, GET: /orders/42, allow: true, rule: /orders', 'was allowed by /orders/**, and not by /orders'],
    [
      'as: ada, GET: /other, refuse: host_not_known',
      'was refused with no_requirement, and not with host_not_known',
    ],
  ])('does not hold: %s', (row, failure) => {
    expect(judged(row)).toMatchObject([{ passed: false, failure }]);
  });

  it.each([
    ['GET: /a', 'neither allow nor refuse'],
    ['GET: /a, allow: true, refuse: true', 'allow and refuse'],
    ['allow: true', 'no method'],
    ['GET: /a, POST: /a, allow: true', 'GET and POST'],
    ['get: /a, allow: true', "an unknown member 'get'"],
    ['GET: /a, allow: false', 'false'],
    ['GET: /a, refuse: Scope Missing', "'Scope Missing'"],
    ['as: adda, GET: /a, allow: true', "'adda', which is none of callers"],
    ['as: constructor, GET: /a, allow: true', "'constructor', which is none of callers"],
    ['as: { user: bob }, GET: /a, allow: true', 'a user without scopes'],
    ['as: { user: bob, scopes: [] }, GET: /a, allow: true', 'a user without scopes'],
    ['as: { app: a, scopes: [A] }, GET: /a, allow: true', 'scopes of a caller without a user'],
    ['as: { agent: a, guest: true }, GET: /a, allow: true', 'guest of a caller without a user'],
    ['as: { user: a, app: b, scopes: [A] }, GET: /a, allow: true', 'user and app'],
    ['as: { roles: [A] }, GET: /a, allow: true', 'no caller'],
    ['as: { user: a, for: b, scopes: [A] }, GET: /a, allow: true', 'for without agent'],
    ['host: "a b", GET: /a, allow: true', "the host 'a b'"],
  ])('is refused with %s', (row, found) => {
    const problems = problemsIn(withTests(row));
    expect(problems.map((problem) => problem.found)).toContain(found);
    expect(problems[0]?.line).toBeGreaterThan(10);
  });

  it('needs a host where there are several', () => {
    const two = withTests('GET: /a, refuse: true').replace(`host: ${HOST}`, `host: [${HOST}, b.example]`);
    expect(problemsIn(two)[0]?.found).toBe('no host');
    const any = withTests('GET: /a, refuse: true').replace(`host: ${HOST}`, "host: '*.contoso.example'");
    expect(problemsIn(any)[0]?.found).toBe('no host');
  });

  it('refuses a caller of callers that Entra issues no token for', () => {
    const text = withTests('GET: /a, refuse: true').replace('scopes: [Orders.Read] }', 'roles: [A] }');
    expect(problemsIn(text)[0]).toMatchObject({ member: 'callers.ada', found: 'a user without scopes' });
  });

  it('is not judged where NODE_ENV is production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => judged('as: ada, GET: /orders/42, allow: true')).toThrow('production');
  });
});
