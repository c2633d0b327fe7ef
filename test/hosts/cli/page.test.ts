import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../../../packages/cli/test/run-command.js';
import { API, documents, NOW, signed, TENANT, tenantPages, userClaims } from '../../support/forger.js';
import { withPrinted } from '../../support/printed-page.js';

const PAGE = 'docs/cli.md';

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
  const env = { ENTRA_GUARD_TENANT_ID: TENANT, ENTRA_GUARD_CLIENT_ID: API };
  const printed = {
    help: await print(['--help']),
    explain: await shown('explain - --keys --scope Orders.Read', { input: token, env, fetch }),
    'explain-help': await print(['explain', '--help']),
    doctor: await shown('doctor', { env, fetch: dated(0) }),
    'doctor-sick': await shown('doctor', {
      env: { ...env, HTTPS_PROXY: 'http://proxy.contoso.example:3128' },
      fetch: dated(-432),
    }),
    'doctor-help': await print(['doctor', '--help']),
    'inventory-help': await print(['inventory', '--help']),
    'manifest-help': await print(['manifest', '--help']),
    'diff-help': await print(['diff', '--help']),
    'init-help': await print(['init', '--help']),
    'local-help': await print(['local', '--help']),
    'token-az': await both(`token --az --as me --tenant ${TENANT} --api api://${API} --scope Orders.Read`),
    'token-help': await print(['token', '--help']),
  };
  await expect(withPrinted(PAGE, printed)).toMatchFileSnapshot(join(import.meta.dirname, '../../..', PAGE));
});
