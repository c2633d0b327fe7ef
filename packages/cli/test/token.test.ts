import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { createValidator } from '@entra-guard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';
import { type RunningLocal, runningLocal } from './running-local.js';

const world = { cwd: tmpdir(), fetch: globalThis.fetch };

describe('entra-guard token', { timeout: 30_000 }, () => {
  let local: RunningLocal;
  beforeAll(async () => {
    local = await runningLocal([], { cwd: tmpdir() });
  }, 30_000);
  afterAll(async () => {
    await local.end();
  });

  const token = async (...args: string[]) => runCommand(['token', '--port', local.port, ...args], world);

  it.each([
    [
      ['--as', 'ada', '--api', 'orders', '--scope', 'Orders.Read'],
      'user',
      ['Orders.Read'],
      ['Orders.Approver'],
    ],
    [
      ['--as', 'bob', '--scope', 'Orders.Read', '--scope', 'Orders.Write'],
      'user',
      ['Orders.Read', 'Orders.Write'],
      [],
    ],
    [['--app', 'job'], 'app', [], ['Orders.Read.All']],
    [['--managed-identity'], 'app', [], ['Orders.Read.All']],
    [['--agent', 'helper'], 'app', [], ['Orders.Read.All']],
    [['--agent', 'helper', '--on-behalf-of', 'ada'], 'user', ['Orders.Read'], ['Orders.Approver']],
  ])('prints the token alone, which the API accepts: %j', async (args, kind, scopes, roles) => {
    const { code, stdout, stderr } = await token(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { report } = local.printed;
    const clientId = report.apis[0]?.clientId ?? '';
    const validator = createValidator({ authority: report.authority, clientId, log: false });
    const auth = await validator.validate(stdout.trim());
    expect([auth.kind, [...auth.scopes], [...auth.roles]]).toEqual([kind, scopes, roles]);
    await validator.close();
  });

  it('prints one document with --json', async () => {
    const { code, stdout } = await token('--as', 'ada', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      token: expect.stringMatching(/^eyJ/),
      expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('says on standard error that a name is not declared', async () => {
    const { code, stdout, stderr } = await token('--as', 'adaa');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^eyJ[^\n]*\n$/);
    expect(stderr).toBe('note: The directory declares no user "adaa", and any name is a user.\n');
  });

  it.each([
    [[], 'Whose token?'],
    [['--as', 'ada', '--app', 'job'], '--as and --app name several callers.'],
    [['--as', 'ada', '--scope', 'Orders.Reed'], '"Orders.Reed" doesn\'t exist on "orders"'],
    [['--as', 'ada', '--api', 'stock'], 'There is no API "stock"'],
    [['--app', 'job', '--role', 'Orders.Approver'], "can't be assigned to an app"],
    [['--app', 'job', '--scope', 'Orders.Read'], 'scopes is for a user'],
    [['--as', 'ada', '--on-behalf-of', 'bob'], 'onBehalfOf is for an agent.'],
    [['--as', 'ada', '--port', 'x'], "argument 'x' is invalid. A port is a number"],
  ])('writes what is wrong to standard error alone: %j', async (args, message) => {
    const { code, stdout, stderr } = await token(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('says how to start a local Entra where none runs', async () => {
    const { code, stdout, stderr } = await runCommand(['token', '--as', 'ada', '--port', '1'], world);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'error: No local Entra answers at http://127.0.0.1:1.\nStart one: npx -p @entra-guard/cli -p @entra-guard/testing entra-guard local. If it runs on another port, say --port; if it runs with TLS, say --tls.\n',
    );
  });

  it('takes nothing from a server that is not a local Entra', async () => {
    for (const [status, body] of [
      [200, 'hello'],
      [200, '{ "token": 5 }'],
      [200, 'null'],
      [404, '{ "error": "not_found" }'],
      [302, ''],
    ] as const) {
      const other = createServer((_, answer) => {
        answer.writeHead(status, { location: local.printed.report.origin }).end(body);
      }).listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as { readonly port: number };
      const { code, stdout, stderr } = await runCommand(
        ['token', '--as', 'ada', '--port', String(port)],
        world,
      );
      other.close();
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        status === 302 ? /No local Entra answers at/ : /is not a local Entra, or one of another version/,
      );
    }
  });

  it('reaches a local Entra over TLS with --tls, and its own certificate alone', async () => {
    const tls = await runningLocal(['--tls'], { cwd: tmpdir() });
    const args = ['token', '--as', 'ada', '--port', tls.port];
    expect(await runCommand([...args, '--tls'], world)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^eyJ/),
      stderr: '',
    });
    expect(await runCommand(args, world)).toMatchObject({ code: 2, stdout: '' });
    await tls.end();
  });
});

describe('entra-guard token --az', () => {
  const api = '00001111-aaaa-2222-bbbb-3333cccc4444';
  const az = async (args: readonly string[], env = {}) => runCommand(['token', '--az', ...args], { env });

  it('prints the line for a user, and that the registration pre-authorizes the Azure CLI', async () => {
    const { code, stdout, stderr } = await az([
      '--as',
      'me',
      '--api',
      `api://${api}`,
      '--scope',
      'Orders.Read',
      '--tenant',
      'contoso.example',
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `az account get-access-token --tenant contoso.example --scope api://${api}/Orders.Read --query accessToken --output tsv\n`,
    );
    expect(stderr).toContain('04b07795-8ddb-461a-bbee-02f9e1bf7b46');
    expect(stderr).toContain('preAuthorizedApplications');
    expect(stderr).toContain(`az login --tenant contoso.example --scope api://${api}/Orders.Read`);
  });

  it('takes API and tenant from the environment, as the API does', async () => {
    const env = { ENTRA_GUARD_TENANT_ID: 'contoso.example', ENTRA_GUARD_CLIENT_ID: api };
    expect((await az(['--as', 'me'], env)).stdout).toBe(
      `az account get-access-token --tenant contoso.example --scope ${api}/.default --query accessToken --output tsv\n`,
    );
    const named = { ...env, ENTRA_GUARD_APPLICATION_ID_URI: 'api://orders' };
    expect((await az(['--app', 'job'], named)).stdout).toContain('--scope api://orders/.default ');
  });

  it('says what an app and a managed identity need', async () => {
    const app = await az(['--app', 'job', '--api', api]);
    expect(app.stderr).toContain('az login --service-principal');
    expect(app.stderr).toContain('member type Applications');
    const identity = await az(['--managed-identity', '--api', api]);
    expect(identity.stdout).toContain(`--scope ${api}/.default`);
    expect(identity.stderr).toContain('az login --identity');
  });

  it('prints line and needs as one document with --json', async () => {
    const { stdout, stderr } = await az(['--as', 'me', '--api', api, '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      line: expect.stringContaining('az account'),
      needs: expect.arrayContaining([expect.stringContaining('az login')]),
    });
  });

  it.each([
    [['--as', 'me'], 'Which API?'],
    [['--as', 'me', '--api', 'orders'], '--api is orders, and a real tenant knows no such name.'],
    [
      ['--as', 'me', '--api', 'api://orders', '--scope', 'a;rm -rf'],
      'has characters that no name of Entra has',
    ],
    [['--as', 'me', '--api', 'api://$(id)'], 'has characters that no name of Entra has'],
    [['--agent', 'helper', '--api', api], 'The Azure CLI gets no tokens for agent identities.'],
    [['--api', api], 'Whose token?'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await az(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
