/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of policies look like it */
import { ConfigurationError } from '@entra-guard/core';
import { PolicyError, readPolicy } from '@entra-guard/proxy/policy';
import { describe, expect, it } from 'vitest';
import { CLIENT, HEAD, HOST, policyOf, problemsIn, TENANT, textOf } from './policy-of.js';

const RULE = '{ path: /a, methods: [GET], require: "scopes(\'A\')" }';
const APPS = `apps:\n  orders:\n    host: ${HOST}\n    rules:\n      - ${RULE}\n`;

/** The example of the guide. */
const EXAMPLE = `# Who may call the orders API.
version: 1
entra: { tenantId: "\${TENANT}", clientId: "\${CLIENT}" }
apps:
  orders:
    host: orders.contoso.example
    upstream: http://127.0.0.1:8080
    owner: { team: Orders, onCall: orders-oncall@contoso.example }
    signIn: true
    identity: assertion
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: load balancer probe }
      - { path: '/orders/**', methods: [GET], require: "anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))" }
      - { path: '/orders/{id}', methods: [DELETE], require: "allOf(scopes('Orders.Write'), userRoles('Orders.Admin'), authContext('c1'), noAgents())" }
tests:
  - { as: { user: ada, scopes: [Orders.Read] }, GET: /orders/42, allow: true }
  - { as: { app: nightly, roles: [Orders.Read.All] }, DELETE: /orders/42, refuse: caller_kind_not_allowed }
  - { GET: /orders/%2e%2e/health, refuse: path_not_canonical }
`;

describe('a policy', () => {
  const policy = readPolicy(EXAMPLE, { env: { TENANT, CLIENT } });

  it('is read from YAML', () => {
    expect(policy).toMatchObject({
      version: 1,
      file: 'entra-guard.yaml',
      entra: { tenantId: TENANT, clientId: CLIENT },
      apps: [
        {
          name: 'orders',
          hosts: ['orders.contoso.example'],
          upstream: 'http://127.0.0.1:8080',
          owner: { team: 'Orders' },
          signIn: {},
          identity: 'assertion',
          passToken: false,
        },
      ],
    });
    expect(policy.apps[0]?.rules.map(({ path, line }) => [path, line])).toEqual([
      ['/health', 12],
      ['/orders/**', 13],
      ['/orders/{id}', 14],
    ]);
    expect(policy.tests.map(({ method, path, line }) => [method, path, line])).toEqual([
      ['GET', '/orders/42', 16],
      ['DELETE', '/orders/42', 17],
      ['GET', '/orders/%2e%2e/health', 18],
    ]);
  });

  it('is read from JSON, with requirements as text and as JSON', () => {
    const json = JSON.stringify(
      {
        version: 1,
        entra: { tenantId: TENANT, clientId: CLIENT },
        apps: {
          orders: {
            host: HOST,
            rules: [
              { path: '/a', methods: ['GET'], require: "scopes('A')" },
              {
                path: '/b',
                methods: ['GET'],
                require: { requirement: { kind: 'userRoles', values: ['B'] }, because: ['support'] },
              },
            ],
          },
        },
      },
      undefined,
      '\t',
    );
    const [a, b] = readPolicy(json, { env: {} }).apps[0]?.rules ?? [];
    expect([String(a?.requirement), String(b?.requirement)]).toEqual(["scopes('A')", "userRoles('B')"]);
    expect(b?.requirement.reasons).toEqual(['support']);
  });

  it('is the same whether read from YAML or from its JSON', () => {
    const digests = [EXAMPLE, EXAMPLE].map((text) => readPolicy(text, { env: { TENANT, CLIENT } }).digest);
    expect(digests[0]).toMatch(/^[0-9a-f]{12}$/);
    expect(digests[0]).toBe(digests[1]);
    expect(readPolicy(`${EXAMPLE}\n`, { env: { TENANT, CLIENT } }).digest).not.toBe(digests[0]);
  });

  it('is frozen', () => {
    for (const part of [
      policy,
      policy.apps,
      policy.apps[0],
      policy.apps[0]?.rules,
      policy.apps[0]?.rules[0],
      policy.tests,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('holds several authorities, which the core has judged', () => {
    const other = '11111111-aaaa-2222-bbbb-3333cccc4444';
    const two = `version: 1\nentra:\n  - { tenantId: ${TENANT}, clientId: ${CLIENT} }\n  - { tenantId: ${other}, clientId: ${CLIENT}, clockTolerance: 30s, keys: { softAge: 10m } }\n${APPS}`;
    expect(readPolicy(two, { env: {} }).entra).toHaveLength(2);
    expect(problemsIn(two.replace(other, TENANT))[0]).toMatchObject({ member: 'entra', line: 3 });
  });

  it.each([
    ['clientId: x', `entra: { tenantId: ${TENANT}, clientId: x }`, 'entra.clientId', 'a GUID'],
    ['the same GUID twice', `entra: { tenantId: ${TENANT}, clientId: ${TENANT} }`, 'entra', 'overview page'],
    ['no tenant', `entra: { clientId: ${CLIENT} }`, 'entra', 'exactly one'],
    [
      'a function',
      `entra: { tenantId: ${TENANT}, clientId: ${CLIENT}, fetch: x }`,
      'entra',
      'one of tenantId',
    ],
    [
      'a long tolerance',
      `entra: { tenantId: ${TENANT}, clientId: ${CLIENT}, clockTolerance: 9m }`,
      'entra',
      '5m',
    ],
    ['an empty list', 'entra: []', 'entra', 'authorities'],
  ])('is refused with %s in entra', (_, entra, member, expected) => {
    const [problem] = problemsIn(`version: 1\n${entra}\n${APPS}`);
    expect(problem).toMatchObject({ member, line: 2 });
    expect(problem?.expected).toContain(expected);
  });

  it('throws a ConfigurationError with everything that is wrong, in the order of the file', () => {
    const text = EXAMPLE.replace('upstream:', 'upstrem:').replace("'Orders.Read')", "'Orders Read')");
    let error: unknown;
    try {
      readPolicy(text, { file: 'conf/policy.yaml', env: { TENANT, CLIENT } });
    } catch (thrown) {
      error = thrown;
    }
    expect(ConfigurationError.is(error)).toBe(true);
    expect(PolicyError.is(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'PolicyError',
      code: 'configuration_invalid',
      file: 'conf/policy.yaml',
      line: 7,
      column: 5,
      member: 'apps.orders',
      found: "an unknown member 'upstrem'",
    });
    expect((error as PolicyError).expected).toContain("Did you mean 'upstream'?");
    expect((error as PolicyError).message).toContain(
      "conf/policy.yaml:7:5: apps.orders: found an unknown member 'upstrem'.",
    );
  });

  it('says what was found as its problem, and what was expected as its hint', () => {
    const thrown = (text: string): unknown => {
      try {
        return readPolicy(text, { env: {} });
      } catch (error) {
        return error;
      }
    };
    expect(thrown('version: &a 1')).toMatchObject({
      problem: "entra-guard.yaml:1:10: found the anchor '&a'.",
      hint: 'Expected the value itself. A text that begins with & stands in quotes.',
    });
    expect(thrown('version: 2')).toMatchObject({
      hint: '3 problems.',
      problem: expect.stringContaining('\n') as unknown,
    });
  });

  it('tells several problems at once', () => {
    const text = textOf([
      "GET a scopes('A')",
      "GET /b scops('B')",
      "GET /c/** scopes('A')",
      "HEAD /c/** scopes('B')",
    ]);
    expect(problemsIn(text).map(({ line, member }) => [line, member])).toEqual([
      [7, 'apps.orders.rules[0].path'],
    ]);
    const later = textOf([
      "GET /a/ scopes('A')",
      "GET /b scops('B')",
      "GET /c/** scopes('A')",
      "HEAD /c/** scopes('B')",
    ]);
    expect(problemsIn(later).map(({ line, member }) => [line, member])).toEqual([
      [7, 'apps.orders.rules[0].path'],
      [8, 'apps.orders.rules[1].require'],
      [10, 'apps.orders.rules[3].path'],
    ]);
  });
});

describe('what a policy has to have', () => {
  it.each([
    ['nothing', '', '', 'an empty file'],
    ['no version', `entra: { tenantId: ${TENANT}, clientId: ${CLIENT} }\n${APPS}`, '', 'no version'],
    ['another version', (HEAD + APPS).replace('version: 1', 'version: 2'), 'version', '2'],
    ['a version as text', (HEAD + APPS).replace('version: 1', 'version: "1"'), 'version', "'1'"],
    ['no entra', `version: 1\n${APPS}`, '', 'no entra'],
    ['no apps', HEAD, '', 'no apps'],
    ['empty apps', `${HEAD}apps: {}\n`, 'apps', 'none'],
    ['apps as a list', `${HEAD}apps: [a]\n`, 'apps', 'a list'],
    ['an app without rules', `${HEAD}apps: { a: { host: a.example } }\n`, 'apps.a', 'no rules'],
    [
      'an app with no rule',
      `${HEAD}apps: { a: { host: a.example, rules: [] } }\n`,
      'apps.a.rules',
      'an empty list',
    ],
    ['an app without host', `${HEAD}apps: { a: { rules: [${RULE}] } }\n`, 'apps.a', 'no host'],
    ['checks', `${HEAD}checks: ./checks.mjs\n${APPS}`, '', "an unknown member 'checks'"],
    ['monitor', `${HEAD}monitor: true\n${APPS}`, '', "an unknown member 'monitor'"],
    [
      'easyauth',
      (HEAD + APPS).replace('    rules', '    identity: easyauth\n    rules'),
      'apps.orders.identity',
      "'easyauth'",
    ],
  ])('is refused with %s', (_, text, member, found) => {
    expect(problemsIn(text)[0]).toMatchObject({ member, found });
  });

  it.each(['methods', 'path', 'require'])('is %s in a rule', (name) => {
    const without = RULE.replace(new RegExp(`${name}: (?:\\[GET\\]|"[^"]*"|/a),? ?`), '');
    expect(problemsIn(HEAD + APPS.replace(RULE, without))[0]).toMatchObject({ found: `no ${name}` });
  });

  it.each([
    '[]',
    'GET',
    '[get]',
    '[TRACE]',
    '[CONNECT]',
    '[PROPFIND]',
    '["*"]',
    '[GET, GET]',
    '[constructor]',
    '[1]',
  ])('and methods are not %s', (methods) => {
    expect(problemsIn(HEAD + APPS.replace('[GET]', methods))).toHaveLength(1);
  });

  it.each([
    '/a/',
    '/a//b',
    '/a/../b',
    '/**/a',
    '/a*',
    '/*',
    '/{id',
    '/{id}.json',
    '/{}',
    '/{a}/{a}',
    '/:id',
    '/a?b',
    '/a#b',
    '/a%2fb',
    '/a b',
    '/a%zz',
    '/a;b',
    '/a.',
    '/{1}',
    '/\ud800',
    '/a\\\\b',
    `/${'a/'.repeat(40)}b`,
  ])('and a path is not %j', (path) => {
    const [problem] = problemsIn(
      textOf([`GET ${path.replaceAll(' ', '\u0001')} scopes('A')`]).replaceAll('\\u0001', ' '),
    );
    expect(problem?.member).toBe('apps.orders.rules[0].path');
  });

  it.each([
    '*',
    '*.',
    '*.*.example',
    'a.*.example',
    'a b',
    'http://a.example',
    'a.example:80',
    'a.example/',
    'a..b',
    '-a.example',
    'a_.-',
    '\u00e4.example',
    '.a',
  ])('and a host is not %j', (host) => {
    const problems = problemsIn((HEAD + APPS).replace(HOST, JSON.stringify(host)));
    expect(problems[0]?.member).toBe('apps.orders.host');
  });

  it('and a host belongs to one application', () => {
    const two = `${HEAD}apps:\n  a: { host: [x.example, '*.y.example'], rules: [${RULE}] }\n  b: { host: X.example, rules: [${RULE}] }\n`;
    expect(problemsIn(two)[0]).toMatchObject({
      line: 5,
      found: "'X.example', which is a host of apps.a already",
    });
    const policy = readPolicy(two.replace('X.example', 'b.y.example'), { env: {} });
    const app = (host: string) => policy.match({ host, method: 'GET', path: '/a' }).app?.name;
    expect([
      app('b.y.example'),
      app('c.y.example'),
      app('x.example'),
      app('c.b.y.example'),
      app('y.example'),
      app('.y.example'),
    ]).toEqual(['b', 'a', 'a', undefined, undefined, undefined]);
  });

  it('is a reason for anonymous()', () => {
    const open = (HEAD + APPS).replace('"scopes(\'A\')"', 'anonymous()');
    expect(problemsIn(open)[0]).toMatchObject({
      line: 7,
      member: 'apps.orders.rules[0].require',
      found: 'anonymous() without a reason',
    });
    expect(problemsIn(open.replace('anonymous()', 'anonymous(), because: probe'))).toEqual([]);
    expect(problemsIn(open.replace('anonymous()', 'anonymous(), because: " "'))).toHaveLength(1);
    const json = open.replace('anonymous()', '{ requirement: { kind: anonymous }, because: [probe] }');
    expect(problemsIn(json)).toEqual([]);
  });
});

describe('requirements', () => {
  const problemOf = (requirement: string, from = HEAD + APPS) =>
    problemsIn(from.replace('"scopes(\'A\')"', requirement))[0];

  it.each([
    ['"scops(\'A\')"', 7, 47, 'an unknown requirement, scops'],
    ["\"anyOf(scopes('A'), usrRoles('B'))\"", 7, 66, 'an unknown requirement, usrRoles'],
    ["'anyOf(scopes(''A''), usrRoles(''B''))'", 7, 68, 'an unknown requirement, usrRoles'],
    ['scops()', 7, 46, 'an unknown requirement, scops'],
    ['"scopes(\\"A\\"), x"', 7, 60, "','"],
    ['"\\u0073cops()"', 7, 47, 'an unknown requirement, scops'],
  ])('%s: the error is at its place', (requirement, line, column, found) => {
    expect(problemOf(requirement)).toMatchObject({ line, column });
    expect(problemOf(requirement)?.found).toContain(found);
  });

  it.each([
    ['|', 10, 15],
    ['>', 10, 15],
    ['>-', 10, 15],
  ])('in a block of lines, %s, too', (mark, line, column) => {
    const block = `apps:
  orders:
    host: ${HOST}
    rules:
      - path: /a
        methods: [GET]
        require: ${mark}
          anyOf(
            scopes('A'),
              usrRoles('B')
          )
`;
    expect(problemsIn(HEAD + block)[0]).toMatchObject({ line: line + 2, column });
  });

  it.each([
    ["check('owner')", 'check'],
    ["allOf(scopes('A'), check('owner'))", 'check'],
    ["allOf(scopes('A'), limit({ calls: 1, per: '1h' }))", 'limit'],
    ["allOf(scopes('A'), whenAgent(limit({ calls: 1, per: '1h' })))", 'limit'],
    [
      "tighten(scopes('A'), allOf(scopes('A'), limit({ calls: 1, per: '1h' })), { until: '2030-01-01T00:00:00Z' })",
      'limit',
    ],
    ["allOf(scopes('A'), approval('pay'))", 'approval'],
    ["allOf(scopes('A'), whenAgent(approval('pay')))", 'approval'],
    ["allOf(scopes('check('), limit ( { calls: 1, per: '1h' }))", 'limit'],
    ['limit', 'limit'],
  ])('%s is refused with a sentence', (requirement, kind) => {
    const problem = problemOf(JSON.stringify(requirement));
    expect(problem).toMatchObject({ found: `${kind}(...)`, member: 'apps.orders.rules[0].require' });
    expect(problem?.expected).toContain(`a requirement without ${kind}(...)`);
  });

  it.each([
    ['check', { kind: 'check', name: 'x' }],
    [
      'limit',
      {
        kind: 'allOf',
        of: [
          { kind: 'scopes', values: ['A'] },
          { kind: 'limit', calls: 1, seconds: 60 },
        ],
      },
    ],
    ['approval', { kind: 'allOf', of: [{ kind: 'whenAgent', narrowing: { kind: 'approval' } }] }],
    [
      'check',
      {
        kind: 'tighten',
        now: { kind: 'scopes', values: ['A'] },
        next: { kind: 'allOf', of: [{ kind: 'check' }] },
        until: 'x',
      },
    ],
  ])('the JSON of %s is refused as well', (kind, node) => {
    expect(problemOf(JSON.stringify({ requirement: node }))).toMatchObject({ found: `${kind}(...)` });
  });

  it('takes permissions that are called like those kinds', () => {
    expect(problemOf('"allOf(scopes(\'check\'), userRoles(\'limit(\', \\"approval\\"))"')).toBe(undefined);
  });

  it.each([
    ['a narrowing', 'members()', 'a grant'],
    ['an unknown member of JSON', '{ requirement: { kind: scopes, values: [A], any: true } }', 'Known'],
    ['JSON of no kind', '{ requirement: { kind: constructor } }', 'JSON.stringify'],
    ['a number', '5', 'a requirement'],
    ['a list', '[a]', 'a requirement'],
    ['nothing', '', 'a requirement'],
    ['another object', '{ scopes: [A] }', 'a requirement'],
    ['text in an object without quotes', "anyOf(scopes('A'), userRoles('B'))", 'quotes around a requirement'],
    ['an empty list', '"scopes()"', 'protects nothing'],
  ])('%s is refused', (_, requirement, expected) => {
    const text = (HEAD + APPS).replace('"scopes(\'A\')"', requirement);
    const told = problemsIn(text).map((problem) => problem.expected);
    expect(told.join(' ')).toContain(expected);
  });

  it('carries the reason of its rule', () => {
    const [rule] = policyOf(["GET /a scopes('A')"]).apps[0]?.rules ?? [];
    expect(rule?.requirement.reasons).toEqual(['a test']);
  });
});

describe('the catalogue', () => {
  const CATALOGUE = `api: api://orders
owner: { team: Orders }
scopes:
  Orders.Read: { description: Reads orders., consent: user, because: The shop shows them. }
appRoles:
  Orders.Read.All: { description: Reads all orders., for: [application], because: Invoices. }
  Orders.Admin: { description: Does all., for: [user], because: Support. }
`;
  const text = (requirement: string) =>
    `${HEAD}catalogue: ./permissions.yaml\n${APPS}`.replace("scopes('A')", requirement);
  const files: string[] = [];
  const options = (catalogue = CATALOGUE) => ({
    file: '/etc/policies/orders.yaml',
    readFile: (path: string) => {
      files.push(path);
      return catalogue;
    },
  });

  it('lies next to the policy, and gives its requirements reasons and an owner', () => {
    const policy = readPolicy(
      text(
        "anyOf(allOf(scopes('Orders.Read'), anyUserRole('Orders.Admin'), withoutUserRoles('Orders.Admin.Not')), appPermissions('Orders.Read.All'))",
      ).replace(", withoutUserRoles('Orders.Admin.Not')", ", members(), whenAgent(authContext('c1'))"),
      { env: {}, ...options() },
    );
    expect(files.at(-1)).toBe('/etc/policies/permissions.yaml');
    const requirement = policy.apps[0]?.rules[0]?.requirement;
    expect(requirement?.reasons).toEqual(
      expect.arrayContaining(['The shop shows them.', 'Support.', 'Invoices.']),
    );
    expect(requirement?.owner).toEqual({ team: 'Orders' });
    expect(policy.catalogue?.api).toBe('api://orders');
  });

  it.each([
    ["scopes('Orders.Reed')", "scope 'Orders.Reed'", 54],
    [
      "anyOf(scopes('Orders.Read'), appPermissions('Orders.Admin'))",
      "application permission 'Orders.Admin'",
      91,
    ],
    ["userRoles('Orders.Read.All')", "user role 'Orders.Read.All'", 57],
    ["allOf(scopes('Orders.Read'), withoutUserRoles('Nowhere'))", "user role 'Nowhere'", 93],
    [
      "tighten(scopes('Orders.Read'), allOf(scopes('Orders.Read'), userRoles('X')), { until: '2030-01-01T00:00:00Z' })",
      "user role 'X'",
      117,
    ],
  ])('%s is refused at its place', (requirement, found, column) => {
    const [problem] = problemsIn(text(requirement), options());
    expect(problem).toMatchObject({ line: 8, column });
    expect(problem?.found).toContain(found);
  });

  it('says why members of its groups may do more', () => {
    const [known, other] = ['aaaaaaaa-0000-cccc-1111-dddd2222eeee', 'bbbbbbbb-0000-cccc-1111-dddd2222eeee'];
    const groups = `${CATALOGUE}groups: { Managers: { id: ${known}, because: They answer for it. } }\n`;
    const reasons = (id: string) =>
      readPolicy(text(`allOf(scopes('Orders.Read'), inGroups('${id}'))`), { env: {}, ...options(groups) })
        .apps[0]?.rules[0]?.requirement.reasons;
    expect(reasons(known)).toContain('They answer for it.');
    expect(reasons(other)).toEqual(['The shop shows them.']);
  });

  it('is refused with its own file and place', () => {
    expect(
      problemsIn(text("scopes('Orders.Read')"), options(CATALOGUE.replace('team', 'teem')))[0],
    ).toMatchObject({
      file: '/etc/policies/permissions.yaml',
      line: 1,
    });
    expect(problemsIn(text("scopes('Orders.Read')"), options('a: *b'))[0]?.found).toContain('alias');
    expect(problemsIn(text("scopes('Orders.Read')"), options('[]'))[0]?.found).toBe('a list');
  });

  it('is refused where there is none', () => {
    expect(problemsIn(text("scopes('A')"), { file: '/nowhere/policy.yaml' })[0]).toMatchObject({
      line: 3,
      column: 12,
      found: 'a file that does not exist',
    });
    const broken = { file: 'x', readFile: () => undefined as unknown as string };
    expect(problemsIn(text("scopes('A')"), broken)[0]?.found).toBe('a file without text');
  });
});

describe('variables', () => {
  const read = (text: string, env: Record<string, string | undefined>) => readPolicy(text, { env });

  it('are replaced in values, after the text was read', () => {
    const text = (HEAD + APPS).replace(HOST, '"${HOST}"').replace("scopes('A')", "scopes('${SCOPE}.Read')");
    const policy = read(text, { HOST: 'x.example', SCOPE: 'Orders' });
    expect(policy.apps[0]?.hosts).toEqual(['x.example']);
    expect(String(policy.apps[0]?.rules[0]?.requirement)).toBe("scopes('Orders.Read')");
  });

  it('hold text, and never YAML', () => {
    const text = (HEAD + APPS).replace(HOST, '"${HOST}"');
    const env = { HOST: `${HOST}\n    passToken: true` };
    expect(problemsIn(text, { env })[0]).toMatchObject({ found: "'${HOST}' with its variable replaced" });
    expect(
      problemsIn((HEAD + APPS).replace('version: 1', 'version: ${V}'), { env: { V: '1' } }),
    ).toHaveLength(1);
  });

  it('are replaced once', () => {
    const text = (HEAD + APPS).replace("scopes('A')", "scopes('${A}')");
    expect(() => read(text, { A: '${B}', B: 'X' })).not.toThrow();
    expect(String(read(text, { A: '${B}', B: 'X' }).apps[0]?.rules[0]?.requirement)).toBe("scopes('${B}')");
  });

  it.each([
    ['${UNSET}', {}, '${UNSET}, which is not set'],
    ['${EMPTY}', { EMPTY: '' }, '${EMPTY}, which is empty'],
    ['${toString}', {}, '${toString}, which is not set'],
    ['${__proto__}', {}, '${__proto__}, which is not set'],
    ['${', {}, "'${'"],
    ['${A-B}', {}, "'${A-B}'"],
    ['x${A:-b}', {}, "'${A:-b}'"],
  ])('%s is an error with its place', (written, env, found) => {
    const [problem] = problemsIn((HEAD + APPS).replace(HOST, `'${written}'`), { env });
    expect(problem).toMatchObject({
      line: 5,
      column: 12 + written.indexOf('$'),
      member: 'apps.orders.host',
      found,
    });
  });

  it('are not replaced in names', () => {
    expect(
      problemsIn((HEAD + APPS).replace('orders:', '"${APP}":'), { env: { APP: 'orders' } })[0],
    ).toMatchObject({
      found: "the name '${APP}'",
    });
  });

  it('are explained where YAML takes their brace', () => {
    const [problem] = problemsIn((HEAD + APPS).replace(`clientId: ${CLIENT}`, 'clientId: ${CLIENT}'));
    expect(problem?.line).toBe(2);
    expect(problem?.expected).toContain('quotes around a variable');
  });

  it('and what they hold is in no error', () => {
    const secret = 'Hunter2-Hunter2-Hunter2';
    const text = (HEAD + APPS).replace(
      'host:',
      'upstream: "${SECRET}"\n    owner: { team: "${SECRET}", who: "${SECRET}" }\n    host:',
    );
    const problems = problemsIn(text, { env: { SECRET: secret } });
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('Hunter2');
  });

  it('come from the environment of the process by default', () => {
    process.env.ENTRA_GUARD_TEST_HOST = 'env.example';
    const policy = readPolicy((HEAD + APPS).replace(HOST, '"${ENTRA_GUARD_TEST_HOST}"'));
    delete process.env.ENTRA_GUARD_TEST_HOST;
    expect(policy.apps[0]?.hosts).toEqual(['env.example']);
  });
});

describe('YAML', () => {
  it.each([
    ['an anchor', `a: &x 1\n`, "the anchor '&x'"],
    ['an alias', `a: *x\n`, "the alias '*x'"],
    ['a tag', `a: !!str x\n`, "the tag '!!str'"],
    ['a local tag', `a: !x y\n`, "the tag '!x'"],
    ['a tag of a block', `a: !x |\n  y\n`, "the tag '!x'"],
    ['an anchor of a map', `a: &x\n  b: 1\n`, "the anchor '&x'"],
    ['an alias as a name', `*x : 1\n`, "the alias '*x'"],
    ['a merge key', `<<: { a: 1 }\n`, 'a merge key'],
    ['a merge key below', `a:\n  <<: { a: 1 }\n`, 'a merge key'],
    ['a directive', `%YAML 1.1\n---\na: 1\n`, "the directive '%YAML 1.1'"],
    ['a tag directive', `%TAG ! tag:x,2020:\n---\na: 1\n`, "the directive '%TAG ! tag:x,2020:'"],
    ['two documents', `a: 1\n---\nb: 1\n`, 'a second document'],
    ['a name twice', `version: 1\nversion: 1\n`, "the name 'version' for the second time"],
    ['a name twice in JSON', `{"version":1,"version":1}`, "the name 'version' for the second time"],
    ['a list as a name', `? [a]\n: 1\n`, 'text that is not YAML'],
    ['no YAML', `a: "x`, 'text that is not YAML'],
    ['a tab', `a:\n\tb: 1\n`, 'text that is not YAML'],
    ['a text', 'policy', "'policy'"],
    ['a list', '- a', 'a list'],
  ])('with %s is refused', (_, text, found) => {
    expect(problemsIn(text)[0]?.found).toContain(found);
  });

  it('explains a host that YAML takes for an alias', () => {
    const [problem] = problemsIn((HEAD + APPS).replace(HOST, '*.contoso.example'));
    expect(problem).toMatchObject({ line: 5, column: 11, found: "the alias '*.contoso.example'" });
    expect(problem?.expected).toContain("'*.contoso.example'");
  });

  it('takes what begins with a byte order mark, has CR LF, ends with dots, or begins with ---', () => {
    const text = HEAD + APPS;
    for (const one of [`\ufeff${text}`, text.replaceAll('\n', '\r\n'), `${text}...\n`, `---\n${text}`]) {
      expect(problemsIn(one)).toEqual([]);
    }
    expect(problemsIn((HEAD + APPS).replace('host', 'hots').replaceAll('\n', '\r\n'))[0]).toMatchObject({
      line: 5,
    });
  });

  it('counts lines and columns as editors do', () => {
    const text = (HEAD + APPS).replace('    rules', '    # \ud83d\ude00 é\n    rulez');
    expect(problemsIn(text).map(({ line, column }) => [line, column])).toContainEqual([7, 5]);
  });

  it.each([
    ['lists in one line', '['.repeat(200_000)],
    ['closed lists in one line', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['objects in one line', `a: ${'{a: '.repeat(5000)}`],
    ['lists in blocks', `a:\n  ${'- '.repeat(5000)}x`],
    ['names that are objects', '? '.repeat(5000)],
    ['objects in blocks', Array.from({ length: 400 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
    ['JSON', `{"a":`.repeat(20_000)],
    ['a hundred levels', `a: ${'['.repeat(100)}${']'.repeat(100)}`],
  ])('that nests deep is refused soon: %s', (_, text) => {
    const started = performance.now();
    expect(problemsIn(text)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('with a billion laughs is refused before anything is expanded', () => {
    const laughs = ['a: &a [lol]'];
    for (let level = 1; level < 30; level++) {
      const [before, name] = [String.fromCharCode(96 + level), String.fromCharCode(97 + level)];
      laughs.push(`${name}: &${name} [${`*${before},`.repeat(10)}]`);
    }
    expect(problemsIn(laughs.slice(0, 24).join('\n'))[0]?.found).toBe("the anchor '&a'");
  });

  it.each([
    ...[
      '[',
      '{',
      '- ',
      '? ',
      ': ',
      '"',
      "'",
      '\n',
      ' \n',
      '\n ',
      'a: ',
      '&a ',
      '*a ',
      '!a ',
      '|\n',
      '%\n',
      '---\n',
    ],
    ...[
      'a,',
      '[a,',
      '\t',
      '#\n',
      '${',
      '"${',
      '\r',
      '\u2028',
      '- a\n',
      '- [',
      "''",
      '\\"',
      'a: b\n',
      '>-\n\n',
    ],
  ])('of nothing but %j is refused within seconds', { timeout: 60_000 }, (piece) => {
    const started = performance.now();
    expect(problemsIn(piece.repeat(Math.floor(200_000 / piece.length))).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('with tens of thousands of names is refused within seconds', { timeout: 60_000 }, () => {
    const names = Array.from({ length: 40_000 }, (_, index) => `a${index}: 1`).join('\n');
    const started = performance.now();
    expect(problemsIn(names).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('that is too long is refused', () => {
    expect(problemsIn(`${HEAD}# ${'x'.repeat(1_100_000)}`)[0]?.found).toContain('characters');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'with %s as a name changes nothing but what it is the name of',
    (name) => {
      for (const text of [
        `${HEAD}${APPS}${name}: { host: x }\n`,
        HEAD + APPS.replace('host:', `${name}: { passToken: true }\n    host:`),
        HEAD + APPS.replace('path:', `${name}: 1, path:`),
        (HEAD + APPS).replace('entra:', `${name}:`),
        (HEAD + APPS).replace('entra: {', `entra: { ${name}: { clockTolerance: 1 },`),
        `${HEAD}${APPS}callers: { ada: { ${name}: 1, user: a, scopes: [A] } }\n`,
      ]) {
        expect(problemsIn(text).map(({ found }) => found)).toContain(`an unknown member '${name}'`);
      }
      expect(({} as Record<string, unknown>).passToken).toBe(undefined);
    },
  );

  it('takes such names for applications, where they are names at all', () => {
    const policy = readPolicy(HEAD + APPS.replace('orders:', 'constructor:'), { env: {} });
    expect(policy.match({ host: HOST, method: 'GET', path: '/a' }).app?.name).toBe('constructor');
    expect(problemsIn(HEAD + APPS.replace('orders:', '__proto__:'))[0]?.found).toBe("the name '__proto__'");
    expect(problemsIn(HEAD + APPS.replace('orders:', '"a b":'))[0]?.found).toBe("the name 'a b'");
  });

  it('does not read what stands on Object.prototype', () => {
    const polluted: Record<string, unknown> = {
      passToken: true,
      because: 'x',
      env: { A: 'b' },
      host: HOST,
      file: 'evil.yaml',
    };
    Object.assign(Object.prototype, polluted);
    try {
      const policy = readPolicy(HEAD + APPS, { env: {} });
      expect(policy.apps[0]?.passToken).toBe(false);
      expect(policy.file).toBe('entra-guard.yaml');
      expect(policy.apps[0]?.rules[0]?.requirement.reasons).toEqual([]);
      expect(policy.match({ method: 'GET', path: '/a' } as never).error?.code).toBe('host_not_known');
    } finally {
      for (const name of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[name];
    }
  });
});

describe('readPolicy', () => {
  it('refuses options that it does not know, and what is not text', () => {
    expect(() => readPolicy(HEAD + APPS, { fil: 'x' } as never)).toThrow("does not know the option 'fil'");
    for (const text of [undefined, null, 5, {}, Buffer.from('version: 1')]) {
      expect(() => readPolicy(text as never)).toThrow('instead of text');
    }
  });

  it('reaches no network', () => {
    const fetched: unknown[] = [];
    const original = globalThis.fetch;
    globalThis.fetch = async (...request) => {
      fetched.push(request);
      throw new Error('no');
    };
    try {
      readPolicy(HEAD + APPS, { env: {} });
    } finally {
      globalThis.fetch = original;
    }
    expect(fetched).toEqual([]);
  });
});
