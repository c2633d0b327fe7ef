import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-policy-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const POLICY = `version: 1
entra: { tenantId: "\${TENANT}", clientId: 00001111-aaaa-2222-bbbb-3333cccc4444 }
catalogue: ./permissions.yaml
callers:
  ada: { user: ada, scopes: [Orders.Read] }
apps:
  orders:
    host: orders.contoso.example
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: load balancer probe }
      - { path: '/orders/**', methods: [GET], require: "anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))" }
      - { path: '/orders/{id}', methods: [DELETE], require: "allOf(scopes('Orders.Write'), userRoles('Orders.Admin'), authContext('c1'), noAgents())" }
`;
const TESTS = `tests:
  - { as: ada, GET: '/orders/42?page=2', allow: true }
  - { as: ada, DELETE: /orders/42, refuse: scope_missing }
  - { as: { user: bob, scopes: [Orders.Write], roles: [Orders.Admin], authenticationContexts: [c1] }, DELETE: /orders/42, allow: true }
  - { as: { user: bob, scopes: [Orders.Write], roles: [Orders.Admin] }, DELETE: /orders/42, refuse: step_up_required }
  - { as: { agent: helper, for: bob, scopes: [Orders.Write], roles: [Orders.Admin], authenticationContexts: [c1] }, DELETE: /orders/42, refuse: agent_not_allowed }
  - { as: { agent: helper, roles: [Orders.Read.All] }, GET: /orders/42, allow: true }
  - { as: { app: nightly, roles: [Orders.Read.All] }, GET: /orders/42, allow: true }
  - { as: { app: nightly }, GET: /orders/42, refuse: true }
  - { GET: /orders/42, refuse: credentials_missing }
  - { GET: /health, allow: true }
  - { GET: /orders/%2e%2e/health, refuse: path_not_canonical }
`;
const CATALOGUE = `api: api://orders.contoso.example
owner: { team: Orders, onCall: orders-oncall@contoso.example }
scopes:
  Orders.Read: { description: Read your orders., consent: user, because: The shop shows them. }
  Orders.Write: { description: Change your orders., consent: user, because: The shop changes them. }
appRoles:
  Orders.Read.All: { description: Read all orders., for: [application], because: Invoices at night. }
  Orders.Admin: { description: Manage orders., for: [user], because: Support. }
`;

const env = { TENANT: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' };
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
const command = (...args: readonly string[]) => runCommand(args, { cwd, env });

beforeEach(() => {
  write('entra-guard.yaml', POLICY + TESTS);
  write('permissions.yaml', CATALOGUE);
});

describe('entra-guard policy validate', () => {
  it('says what a policy has', async () => {
    const { code, stdout, stderr } = await command('policy', 'validate');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^✓ entra-guard\.yaml: 1 application, 3 rules, 11 tests, 0 warnings\. Version [0-9a-f]{12}\.\n$/,
    );
  });

  it('says what is wrong, with its place', async () => {
    write(
      'other.yaml',
      POLICY.replace('methods: [DELETE]', 'methds: [DELETE]').replace("'Orders.Read'", "'Orders.Reed'"),
    );
    const { code, stdout } = await command('policy', 'validate', 'other.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('other.yaml:12:33 error: apps.orders.rules[2]');
    expect(stdout).toContain("Did you mean 'methods'?");
    const json = JSON.parse((await command('policy', 'validate', 'other.yaml', '--json')).stdout) as object;
    expect(json).toMatchObject({
      problems: [{ line: 12, column: 33, found: "an unknown member 'methds'" }],
    });
  });

  it('says that a permission is not in the catalogue', async () => {
    write('other.yaml', POLICY.replace("'Orders.Read'", "'Orders.Reed'"));
    const { code, stdout } = await command('policy', 'validate', 'other.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain("The catalogue of api://orders.contoso.example has no scope 'Orders.Reed'");
  });

  it('warns, and ends well all the same', async () => {
    write('entra-guard.yaml', POLICY.replace('    rules', '    passToken: true\n    rules'));
    const { code, stdout } = await command('policy', 'validate');
    expect(code).toBe(0);
    expect(stdout).toContain('token_passed: apps.orders.passToken');
    expect(stdout).toContain('no_tests: tests');
    expect(JSON.parse((await command('policy', 'validate', '--json')).stdout)).toMatchObject({
      problems: [],
      warnings: [{ code: 'token_passed' }, { code: 'no_tests' }],
      rules: 3,
    });
  });

  it('needs the variables, and does not take them from anywhere else', async () => {
    const { code, stdout } = await runCommand(['policy', 'validate'], { cwd, env: {} });
    expect(code).toBe(1);
    expect(stdout).toContain('entra-guard.yaml:2:21 error: entra.tenantId');
  });

  it('can not run without a file', async () => {
    expect(await command('policy', 'validate', 'nowhere.yaml')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('entra-guard policy test', { timeout: 30_000 }, () => {
  it('runs the table with real tokens', async () => {
    expect(await command('policy', 'test')).toEqual({
      code: 0,
      stdout: '✓ entra-guard.yaml: 11 passed, 0 failed.\n',
      stderr: '',
    });
  });

  it('says which tests failed, and how', async () => {
    write('entra-guard.yaml', POLICY + TESTS.replace("page=2', allow: true", "page=2', refuse: true"));
    const { code, stdout } = await command('policy', 'test');
    expect(code).toBe(1);
    expect(stdout).toBe(
      'entra-guard.yaml:14 ✗ ada: GET orders.contoso.example/orders/42?page=2: refuse\n    was allowed by /orders/**\n✗ entra-guard.yaml: 10 passed, 1 failed.\n',
    );
    const { tests } = JSON.parse((await command('policy', 'test', '--json')).stdout) as {
      tests: { passed: boolean }[];
    };
    expect(tests.filter(({ passed }) => !passed)).toMatchObject([
      { line: 14, failure: 'was allowed by /orders/**' },
    ]);
  });

  it('takes no tests for a finding', async () => {
    write('entra-guard.yaml', POLICY);
    const { code, stdout } = await command('policy', 'test');
    expect(code).toBe(1);
    expect(stdout).toContain('entra-guard.yaml has no tests.');
    expect(JSON.parse((await command('policy', 'test', '--json')).stdout)).toEqual({ tests: [] });
  });

  it('does not run in production', async () => {
    const { code, stderr } = await runCommand(['policy', 'test'], {
      cwd,
      env: { ...env, NODE_ENV: 'production' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('NODE_ENV is "production"');
  });

  it('can not run for a caller to whom Entra gives no token', async () => {
    write(
      'entra-guard.yaml',
      `${POLICY}tests: [{ as: { user: '', scopes: [A] }, GET: /orders, allow: true }]\n`,
    );
    expect((await command('policy', 'test')).code).toBe(1);
  });
});

describe('entra-guard policy explain', { timeout: 30_000 }, () => {
  it('says which rule decides, and what would be enough', async () => {
    const { code, stdout } = await command(
      'policy',
      'explain',
      'DELETE https://orders.contoso.example/orders/42',
      '--as',
      'ada',
    );
    expect(code).toBe(0);
    for (const text of [
      'Refused: scope_missing. ada: DELETE orders.contoso.example/orders/42',
      '/orders/{id} (entra-guard.yaml:12)',
      "allOf(authContext('c1'), noAgents(), scopes('Orders.Write'), userRoles('Orders.Admin'))",
      'The shop changes them. Support.',
      'Orders, orders-oncall@contoso.example',
      'scopes: Orders.Write',
      'userRoles: Orders.Admin',
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it.each([
    ['GET /orders/42', 'ada', { allow: true, rule: '/orders/**' }],
    ['GET /orders/42', undefined, { allow: false, code: 'credentials_missing' }],
    ['GET /health', undefined, { allow: true, requirement: 'anonymous()' }],
    ['GET /a/../health', 'ada', { allow: false, code: 'path_not_canonical', path: '/a/../health' }],
    ['GET http://evil.example/health', 'ada', { allow: false, code: 'host_not_known' }],
    ['TRACE /health', 'ada', { allow: false, code: 'method_not_allowed' }],
    ['GET https://orders.contoso.example', 'ada', { allow: false, code: 'no_requirement', path: '/' }],
  ])('%s as %s', async (request, as, expected) => {
    const flags = as === undefined ? [] : ['--as', as];
    const { code, stdout } = await command(
      'policy',
      'explain',
      'entra-guard.yaml',
      request,
      ...flags,
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  it.each([
    [['GET'], 'The request is GET.'],
    [['GET', '/x', '/y'], 'There are 3 arguments.'],
    [['GET /x', '--as', 'eve'], 'The policy has no caller eve.'],
  ])('can not run with %j', async (args, message) => {
    const { code, stderr } = await command('policy', 'explain', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('entra-guard policy diff', () => {
  const differ = async (change: (text: string) => string) => {
    write('new.yaml', change(POLICY));
    return command('policy', 'diff', 'entra-guard.yaml', 'new.yaml');
  };

  it('ends well where no caller gains', async () => {
    expect(await differ((text) => text)).toMatchObject({ code: 0, stdout: 'Both decide alike.\n' });
    const { code, stdout } = await differ((text) =>
      text.replace("anyOf(scopes('Orders.Read'), ", '(').replace('"(', '"').replace('All\'))"', 'All\')"'),
    );
    expect(code).toBe(0);
    expect(stdout).toBe(
      "GET, HEAD orders.contoso.example/orders\n    - lose: users with scopes('Orders.Read')\nGET, HEAD orders.contoso.example/orders/{any}\n    - lose: users with scopes('Orders.Read')\nGET, HEAD orders.contoso.example/orders/{any}/{any}/**\n    - lose: users with scopes('Orders.Read')\n\nNo caller gains.\n",
    );
  });

  it('is a finding where a caller gains', async () => {
    const { code, stdout } = await differ((text) => text.replace(', noAgents()', ''));
    expect(code).toBe(1);
    expect(stdout).toContain('DELETE orders.contoso.example/orders/{any}');
    expect(stdout).toContain(
      "+ gain: users with authContext('c1') and scopes('Orders.Write') and userRoles('Orders.Admin')",
    );
    expect(stdout).toContain('It widens');
    const json = JSON.parse(
      (await command('policy', 'diff', 'entra-guard.yaml', 'new.yaml', '--json')).stdout,
    ) as object;
    expect(json).toMatchObject({ widens: true, complete: true });
  });

  it('is a finding where other tokens are accepted', async () => {
    const { code, stdout } = await differ((text) => text.replace('clientId:', 'audience: other, clientId:'));
    expect(code).toBe(1);
    expect(stdout).toContain('+ entra');
  });

  it('is a finding where one of them is not a policy', async () => {
    expect((await differ(() => 'version: 2')).code).toBe(1);
    expect((await command('policy', 'diff', 'entra-guard.yaml', 'nowhere.yaml')).code).toBe(2);
  });
});

describe('entra-guard policy schema', () => {
  it('prints what the package ships', async () => {
    const { code, stdout } = await command('policy', 'schema');
    expect(code).toBe(0);
    const shipped = new URL('../../proxy/policy.schema.json', import.meta.url);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(shipped, 'utf8')));
  });
});

describe('commands that take an application', () => {
  it('take the inventory of a policy', async () => {
    const { code, stdout } = await command('inventory', 'entra-guard.yaml', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      framework: 'policy',
      handlers: [
        {
          method: 'GET',
          path: '/health',
          handler: 'orders',
          access: 'public',
          reasons: ['load balancer probe'],
        },
        { method: 'GET', path: '/orders/**', access: 'required', owner: { team: 'Orders' } },
        { method: 'DELETE', path: '/orders/{id}', access: 'required' },
      ],
      catalogues: [{ api: 'api://orders.contoso.example' }],
    });
  });

  it('print the registration that it needs', async () => {
    const { code, stdout } = await command('manifest', 'entra-guard.yaml');
    expect(code).toBe(0);
    const manifest = JSON.parse(stdout) as {
      identifierUris: string[];
      api: { oauth2PermissionScopes: { value: string }[] };
    };
    expect(manifest.identifierUris).toEqual(['api://orders.contoso.example']);
    expect(manifest.api.oauth2PermissionScopes.map(({ value }) => value)).toEqual([
      'Orders.Read',
      'Orders.Write',
    ]);
    const registration = JSON.stringify({ appId: '00001111-aaaa-2222-bbbb-3333cccc4444', ...manifest });
    write('application.json', registration);
    expect(await command('diff', 'entra-guard.yaml', 'application.json')).toMatchObject({
      code: 0,
      stdout: 'Code and registration agree.\n',
    });
    write('application.json', registration.replace('Orders.Write', 'Orders.Written'));
    expect((await command('diff', 'entra-guard.yaml', 'application.json')).code).toBe(1);
  });

  it('refuse what is for modules, and what is not a policy', async () => {
    expect(await command('inventory', 'entra-guard.yaml', '--global-prefix', 'api')).toMatchObject({
      code: 2,
    });
    expect(await command('inventory', 'entra-guard.yaml', '-c', 'permissions.js')).toMatchObject({ code: 2 });
    write('broken.yml', 'version: 1');
    const { code, stderr } = await command('inventory', 'broken.yml');
    expect(code).toBe(2);
    expect(stderr).toContain('broken.yml:1:1');
  });
});
