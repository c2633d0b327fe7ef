import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../../../packages/cli/test/run-command.js';
import { ADA, API, documents, NOW, signed, TENANT, tenantPages, userClaims } from '../../support/forger.js';
import { withPrinted } from '../../support/printed-page.js';

const PAGE = 'docs/cli.md';

/** An MCP server that names no tenant, and no scopes in its 401. */
const mcpServer: typeof fetch = async (input, init) => {
  const { pathname, hostname } = new URL(String(input));
  const base = 'https://login.microsoftonline.com/common';
  if (hostname === 'login.microsoftonline.com') {
    return pathname === `/common/v2.0/.well-known/openid-configuration`
      ? Response.json({
          issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        })
      : new Response(null, { status: 404 });
  }
  if (pathname.startsWith('/.well-known/')) {
    return Response.json(
      {
        resource: 'https://mcp.contoso.example/mcp',
        authorization_servers: [`${base}/v2.0`],
        scopes_supported: ['https://mcp.contoso.example/mcp/Orders.Read'],
      },
      { headers: { 'access-control-allow-origin': '*' } },
    );
  }
  const origin = new Headers(init?.headers).get('origin');
  if (origin === 'https://attacker.example') return new Response(null, { status: 403 });
  const at = 'https://mcp.contoso.example/.well-known/oauth-protected-resource/mcp';
  const challenge = `Bearer resource_metadata="${at}"`;
  return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } });
};

it('the page on the command holds what it prints', async () => {
  const { fetch } = documents(tenantPages());
  const dated =
    (seconds: number): typeof globalThis.fetch =>
    async (input, init) => {
      const answer = await fetch(input, init);
      const date = new Date(NOW - seconds * 1000).toUTCString();
      return new Response(answer.body, { status: answer.status, headers: { date } });
    };
  const world = { now: () => NOW, nodeVersion: '24.1.0' };
  const token = signed(userClaims({ aud: '00000003-0000-0000-c000-000000000000', scp: 'User.Read' }));
  const print = async (...[args, more]: Parameters<typeof runCommand>) =>
    (await runCommand(args, { ...world, ...more })).stdout;
  const shown = async (line: string, more: Parameters<typeof runCommand>[1]) =>
    `$ entra-guard ${line}\n${await print(line.split(' '), more)}`;
  const both = async (line: string) => {
    const { stdout, stderr } = await runCommand(line.split(' '), world);
    return `$ entra-guard ${line}\n${stdout}${stderr}`;
  };
  const notes = async (line: string) => {
    const { stderr } = await runCommand(line.split(' '), world);
    return `$ entra-guard ${line} > application.json\n${stderr}`;
  };
  const env = { ENTRA_GUARD_TENANT_ID: TENANT, ENTRA_GUARD_CLIENT_ID: API };
  const record = {
    id: '2d4dd1e7-8c43-4f7f-9a52-6f2b7c1d0e9a',
    target: { user: ADA, tenantId: TENANT },
    because: 'HR-1234',
    until: null,
    source: 'api/cli',
    at: new Date(NOW).toISOString(),
    reach: 'shared',
  };
  const printed = {
    help: await print(['--help']),
    'init-help': await print(['init', '--help']),
    explain: await shown('explain - --keys --scope Orders.Read', { input: token, env, fetch }),
    'explain-help': await print(['explain', '--help']),
    doctor: await shown('doctor', { env, fetch: dated(0) }),
    'doctor-sick': await shown('doctor', {
      env: { ...env, HTTPS_PROXY: 'http://proxy.contoso.example:3128' },
      fetch: dated(-432),
    }),
    'doctor-mcp': await shown('doctor --mcp https://mcp.contoso.example/mcp', { fetch: mcpServer }),
    'manifest-mcp': await notes('manifest --mcp https://mcp.contoso.example/mcp --scope Orders.Read'),
    'doctor-help': await print(['doctor', '--help']),
    'inventory-help': await print(['inventory', '--help']),
    'manifest-help': await print(['manifest', '--help']),
    'diff-help': await print(['diff', '--help']),
    'registration-help': await print(['registration', '--help']),
    'client-help': await print(['client', 'add', '--help']),
    'permissions-init-help': await print(['permissions', 'init', '--help']),
    'local-help': await print(['local', '--help']),
    'token-az': await both(`token --az --as me --tenant ${TENANT} --api api://${API} --scope Orders.Read`),
    'token-help': await print(['token', '--help']),
    revoke: await shown(
      `revoke user ${ADA} --tenant ${TENANT} --because HR-1234 --api https://orders.contoso.example`,
      {
        env: { ENTRA_GUARD_TOKEN: token },
        fetch: async () => Response.json(record, { status: 201 }),
      },
    ),
    'revoke-help': await print(['revoke', '--help']),
    'revocations-help': await print(['revocations', '--help']),
    'keys-help': await print(['keys', 'new', '--help']),
    'policy-help': await print(['policy', '--help']),
    'policy-validate-help': await print(['policy', 'validate', '--help']),
    'policy-test-help': await print(['policy', 'test', '--help']),
    'policy-explain-help': await print(['policy', 'explain', '--help']),
    'policy-diff-help': await print(['policy', 'diff', '--help']),
    'policy-config-help': await print(['policy', 'config', '--help']),
    'authz-help': await print(['authz', '--help']),
    'proxy-help': await print(['proxy', '--help']),
    'policy-schema-help': await print(['policy', 'schema', '--help']),
    'postgres-help': await print(['postgres', 'sql', '--help']),
  };
  await expect(withPrinted(PAGE, printed)).toMatchFileSnapshot(join(import.meta.dirname, '../../..', PAGE));
});
