import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareWithRegistration,
  type Drift,
  type ManifestStep,
  manifestOf,
  mcpManifestOf,
} from '@entra-guard/catalogue';
import { definePermissions, type Permissions } from '@entra-guard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patched } from '../../../packages/catalogue/test/graph.js';
import { type Json, registered, registration } from '../../../packages/catalogue/test/registered.js';
import { loadApp } from '../../../packages/cli/src/app/load-app.js';
import type { Session } from '../../../packages/cli/src/session.js';
import { INSPECTOR } from '../../../packages/cli/test/run-command.js';
import { APPS, entraGuard, registrationFile } from './cli-run.js';

/** Each application is loaded by a process of its own, on a machine that may be busy. */
const options = { timeout: 60_000 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-guard-cli-'));
  await writeFile(join(folder, 'broken.mjs'), 'export const app = ;');
  await writeFile(join(folder, 'half.json'), '{ "appId":');
  await writeFile(join(folder, 'empty.json'), '');
});
afterAll(() => rm(folder, { recursive: true }));

describe('inventory', options, () => {
  it('prints a table, and nothing that the application prints', async () => {
    const { code, out, err } = await entraGuard(['inventory', 'orders.mjs']);
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'Method | Path | Access | Requirement | Reason | Owner',
      'GET | /health | public | The load balancer asks.',
      "GET | /orders | required | anyOf(appPermissions('Orders.Read.All'), scopes('Orders.Read')) | The web shop shows them.; Invoices are written at night. | Orders (orders-oncall@contoso.example)",
      "POST | /orders | required | scopes('Orders.Write') | The web shop takes them. | Orders (orders-oncall@contoso.example)",
      "DELETE | /orders/:id | required | allOf(scopes('Orders.Write'), userRoles('Orders.Admin')) | The web shop takes them.; The help desk helps customers. | Orders (orders-oncall@contoso.example)",
      '',
      'public: GET /health is public: The load balancer asks.',
      ' | Make sure that the reason still holds.',
      "no_application_twin: Users can let an app have 'Orders.Write', and no application permission allows the same: no daemon can do it.",
      " | Define the app role 'Orders.Write.All' for: ['application'], or leave it if no daemon ever does this.",
      '',
      '4 handlers, 3 required, 1 public; 2 warnings.',
      '',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('prints JSON, by either option', async () => {
    const { code, out } = await entraGuard(['inventory', 'orders.mjs', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      framework: 'express',
      handlers: [
        { path: '/health', access: 'public' },
        { path: '/orders' },
        {},
        {
          method: 'DELETE',
          path: '/orders/:id',
          permissions: [
            { use: 'scope', value: 'Orders.Write' },
            { use: 'user role', value: 'Orders.Admin' },
          ],
        },
      ],
      catalogues: [registered.catalogue.api].map((api) => ({ api })),
      warnings: [{ code: 'public' }, { code: 'no_application_twin' }],
    });
    expect((await entraGuard(['inventory', 'orders.mjs', '--format', 'json'])).out).toBe(out);
  });

  it('prints CSV', async () => {
    const { out } = await entraGuard(['inventory', 'two-apis.mjs', '--format', 'csv']);
    expect(out).toBe(
      "Method,Path,Handler,Access,Requirement,Reason,Owner\r\nGET,/first,,required,scopes('first.Read'),They ask.,Both\r\nGET,/second,,required,scopes('second.Read'),They ask.,Both\r\n",
    );
  });

  it('prints Markdown, of a Nest module too', async () => {
    const { code, out } = await entraGuard(['inventory', 'nest.cjs#createModule', '--format', 'markdown']);
    expect(out).toBe(`# Who may call what

2 handlers, 1 required, 1 DENIED; 1 warning.

| Method | Path | Handler | Access | Requirement | Reason | Owner |
| --- | --- | --- | --- | --- | --- | --- |
| GET | /orders | OrdersController.list | required | scopes('Orders.Read') |  |  |
| GET | /orders/forgotten | OrdersController.forgotten | DENIED | it declares no requirement |  |  |

## Warnings

- GET /orders/forgotten (OrdersController.forgotten) refuses every caller: it declares no requirement. Say what it requires: @RequireScopes('…'). To open it on purpose: @Public('…').
`);
    expect(code).toBe(1);
  });

  it.each<[string, string, string[], string[]]>([
    ['the application that was made', 'createApp', [], ['/api/v1/orders', '/v1/orders/forgotten']],
    ['an application without HTTP', 'createContext', [], ['/orders', '/orders/forgotten']],
    ['a module', 'createModule', [], ['/orders', '/orders/forgotten']],
    [
      'a module, with a prefix',
      'createModule',
      ['--global-prefix', '/api/'],
      ['/api/orders', '/api/orders/forgotten'],
    ],
    [
      'a module, with versions',
      'createModule',
      ['--global-prefix', 'api', '--uri-versions', '--default-version', '2'],
      ['/api/v2/orders', '/api/v2/orders/forgotten'],
    ],
    [
      'a module, with versions of another prefix',
      'createModule',
      ['--uri-versions', 'version-', '--default-version', '2'],
      ['/version-2/orders', '/version-2/orders/forgotten'],
    ],
  ])('has the paths of %s', async (_, name, flags, paths) => {
    const { out, err } = await entraGuard(['inventory', `nest.cjs#${name}`, '--json', ...flags]);
    expect((JSON.parse(out) as Json).handlers.map(({ path }: Json) => path)).toEqual(paths);
    const open = name === 'createModule' && flags.length === 0;
    expect(err.includes('which global prefix and versions')).toBe(open);
  });

  it.each(['nest.cjs#createApp', 'orders.mjs'])(
    'takes no prefix for %s, whose paths are known',
    async (app) => {
      const { code, err } = await entraGuard(['inventory', app, '--global-prefix', 'api']);
      expect([code, err]).toEqual([2, expect.stringContaining('are for Nest modules, and this is a')]);
    },
  );

  it.each<[string, string, number, RegExp]>([
    ['a function that makes the application', 'plain.cjs', 1, /GET \/forgotten requires nothing/],
    ['a function by its name', 'plain.cjs#createApp', 1, /GET +\/orders +required/],
    ['a method that gives a Nest module', 'nest.cjs#AppModule.with', 1, /OrdersController\.list +required/],
    ['a Nest module', 'nest.cjs', 1, /OPEN +EntraGuardModule is not imported/],
    ['an application that listens when it is loaded', 'listens.cjs', 0, /GET +\/orders +required/],
    ['an application without entra-guard', 'unguarded.mjs', 1, /GET +\/orders +OPEN/],
    ['an application without routes', 'no-routes.mjs', 0, /^0 handlers; 0 warnings\.\n$/],
  ])('reads %s', async (_, app, code, out) => {
    const ran = await entraGuard(['inventory', app]);
    expect(ran.out).toMatch(out);
    expect(ran.code).toBe(code);
  });

  it('loads where the environment has an authority in place of a tenant', async () => {
    const env = {
      PATH: process.env.PATH,
      ENTRA_GUARD_AUTHORITY: 'https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0',
    };
    const { code, out } = await entraGuard(['inventory', 'listens.cjs'], '', { env });
    expect([code, out]).toEqual([0, expect.stringMatching(/GET +\/orders +required/)]);
  });

  it('says that it kept the application from listening', async () => {
    const { err } = await entraGuard(['inventory', 'listens.cjs']);
    expect(err).toBe('note: The application listens when it is loaded; that was prevented.\n');
  });

  it('knows catalogues of other modules', async () => {
    const { code, out } = await entraGuard([
      ...['inventory', 'plain.cjs', '--json'],
      ...['--catalogue', 'permissions.mjs'],
    ]);
    const { catalogues, warnings } = JSON.parse(out) as Json;
    expect(catalogues).toHaveLength(1);
    expect(warnings.map(({ code: one, subject }: Json) => `${one} ${subject}`)).toContain(
      'permission_unused Orders.Write',
    );
    expect(code).toBe(1);
  });

  it('takes no other message of the application for its answer', async () => {
    const { code, out, err } = await entraGuard(['inventory', 'talks.cjs']);
    expect(out).toMatch(/GET +\/orders +required/);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it.each([
    ['inventory', []],
    ['inventory', ['--json']],
    ['inventory', ['--format', 'csv']],
    ['inventory', ['--format', 'html']],
    ['inventory', ['--format', 'markdown']],
    ['manifest', []],
    ['manifest', ['--steps', '--client-id', '00001111-aaaa-2222-bbbb-3333cccc4444']],
    ['permissions init', []],
    ['diff', [registrationFile('clean.az')]],
    ['diff', [registrationFile('clean.az'), '--json']],
  ])('%s %j lets nothing in an application steer a terminal, or a reader', async (command, more) => {
    for (const terminal of [false, true]) {
      const { code, out, err } = await entraGuard([...command.split(' '), 'steers.mjs', ...more], '', {
        terminal,
        env: { NO_COLOR: '1', PATH: process.env.PATH },
      });
      expect(code).toBeLessThan(2);
      expect(out.length).toBeGreaterThan(100);
      expect(out + err).not.toMatch(/(?!\n|\r\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}](?<!\r\n)/u);
    }
  });

  it('has colours on a terminal, and none with NO_COLOR', async () => {
    const terminal = async (env: Record<string, string>) =>
      (await entraGuard(['inventory', 'unguarded.mjs'], '', { terminal: true, env })).out;
    expect(await terminal({})).toContain('\u001b[31mOPEN');
    expect(await terminal({ NO_COLOR: '1' })).not.toContain('\u001b');
  });
});

/** From 22.18 on Node leaves types out by itself: then the file is loaded, and holds no application. */
const readsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);
const typescriptRows: readonly [string, string, string, string][] = readsTypes
  ? [['TypeScript', 'typed.ts', 'typed.ts exports no application', 'Export the Express application']]
  : [['TypeScript', 'typed.ts', 'typed.ts could not be loaded', 'Give the built JavaScript']];

describe('what can not be loaded ends with 2, and a sentence', options, () => {
  it.each<[string, string, string, string]>([
    ['nothing there', 'nowhere.js', 'There is no file', 'Name the built module'],
    ['a folder without a module', '.', 'holds no module', 'Name the file'],
    ['an application that throws', 'throws.mjs', 'RangeError: no database in sight', 'has to load without'],
    [
      'one that throws later',
      'throws-later.mjs',
      'failed while it was loaded: RangeError',
      'has to load without',
    ],
    [
      'one that ends the process',
      'ends.cjs',
      'ends.cjs ended the process (status 3)',
      'only makes the application',
    ],
    ...typescriptRows,
    [
      'no exports',
      'empty.mjs',
      'exports no application: it exports nothing',
      'Export the Express application',
    ],
    [
      'no application, but a server',
      'listens-without-app.cjs',
      'but listens when it is loaded',
      'Export the',
    ],
    ['an export that is not there', 'plain.cjs#nope', "does not export 'nope'", 'It exports'],
    ['an export that is a number', 'plain.cjs#notAnApp', "The export 'notAnApp' is neither", 'file#name'],
    ['an export that is an object', 'plain.cjs#settings', "The export 'settings' is neither", 'file#name'],
    ['an export that is any class', 'plain.cjs#Service', "The export 'Service' is neither", 'file#name'],
    ['a function that gives nothing', 'plain.cjs#makes.nothing', 'gives no application', 'It has to return'],
    [
      'a function that fails',
      'plain.cjs#failing',
      "'failing' failed: TypeError: no database",
      'It is called with',
    ],
    [
      'a wrong catalogue',
      'wrong-catalogue.mjs',
      "api is 'orders', and not an application ID URI.",
      'Copy it from',
    ],
    [
      'contradictory decorators',
      'nest.cjs#WrongModule',
      '@Public() and @OptionalAuth()',
      'Keep one of the two',
    ],
  ])('%s', async (_, app, message, hint) => {
    const { code, out, err } = await entraGuard(['inventory', app]);
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('broken code', async () => {
    const { code, err } = await entraGuard(['inventory', 'broken.mjs'], '', { cwd: folder });
    expect(err).toContain('broken.mjs could not be loaded: SyntaxError');
    expect(code).toBe(2);
  });

  it.each([
    ['Error: connect to mongodb://ada:hunter2@db:27017/orders failed', 'mongodb://…@db:27017/orders'],
    ['Server=db;User Id=ada;Password=hunter2;Encrypt=true', 'User Id=ada;Password=…;Encrypt=true'],
    ['https://x.blob.example/a?sv=1&sig=hunter2', 'a?sv=1&sig=…'],
  ])('without repeating a password: %s', async (message, shown) => {
    await writeFile(join(folder, 'secret.mjs'), `throw new Error(${JSON.stringify(message)});`);
    const { code, err } = await entraGuard(['inventory', 'secret.mjs'], '', { cwd: folder });
    expect(err).toContain(shown);
    expect(err).not.toContain('hunter2');
    expect(code).toBe(2);
  });

  it('what never finishes loading', async () => {
    await writeFile(join(folder, 'waits.mjs'), 'setInterval(() => {}, 1000); await new Promise(() => {});');
    const session = {
      cwd: folder,
      env: { PATH: process.env.PATH },
      inspector: INSPECTOR,
    } as unknown as Session;
    await expect(loadApp(session, 'waits.mjs', [], 500)).rejects.toMatchObject({
      name: 'BadInputError',
      message: 'waits.mjs had not finished loading after 0.5 seconds.',
    });
  });

  it('where the adapter is not installed', async () => {
    await writeFile(
      join(folder, 'alone.cjs'),
      'exports.app = Object.assign(() => {}, { use() {}, handle() {}, set() {} });',
    );
    const { code, err } = await entraGuard(['inventory', 'alone.cjs'], '', { cwd: folder });
    expect(err).toContain('@entra-guard/express is not installed where');
    expect(err).toContain('npm install @entra-guard/express');
    expect(code).toBe(2);
  });

  it('as JSON where that is asked for', async () => {
    const { out, err } = await entraGuard(['inventory', 'nowhere.js', '--json']);
    expect(JSON.parse(out)).toEqual({
      error: { message: `There is no file ${join(APPS, 'nowhere.js')}.`, hint: expect.any(String) },
    });
    expect(err).toBe('');
  });

  it.each([
    [['inventory'], "missing required argument 'app'"],
    [['inventory', 'orders.mjs', '--format', 'xml'], 'Allowed choices are table, markdown, csv, html, json'],
    [['manifest'], "missing required argument 'app'"],
    [['diff', 'orders.mjs'], "missing required argument 'application.json'"],
    [['permissions', 'init'], "missing required argument 'source'"],
    [['manifest', 'orders.mjs', '--current', 'x.json'], '--current is for the steps.'],
    [['manifest', 'orders.mjs', '--client-id', registered.catalogue.api], '--client-id is for the steps.'],
    [['manifest', 'orders.mjs', '--steps', '--client-id', '"; reboot'], 'which is not a GUID'],
  ])('entra-guard %j', async (args, message) => {
    const { code, err } = await entraGuard(args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('manifest', options, () => {
  it('prints what Microsoft Graph has', async () => {
    const { code, out } = await entraGuard(['manifest', 'orders.mjs']);
    expect(JSON.parse(out)).toEqual(manifestOf(registered.catalogue));
    expect(code).toBe(0);
  });

  it('says what the API needs to ask Graph for groups, where handlers require some', async () => {
    const { code, out, err } = await entraGuard(['manifest', 'groups.mjs']);
    expect(JSON.parse(out)).toMatchObject({ identifierUris: ['api://audits'] });
    for (const permission of ['User.ReadBasic.All', 'GroupMember.Read.All'])
      expect(err).toContain(permission);
    expect(code).toBe(0);
    expect((await entraGuard(['manifest', 'orders.mjs'])).err).not.toContain('groups');
  });

  it('of the API that is named, where there are two', async () => {
    const { out } = await entraGuard(['manifest', 'two-apis.mjs', '--api', 'api://second']);
    expect(JSON.parse(out)).toMatchObject({ identifierUris: ['api://second'] });
  });

  it('of an MCP server with --mcp: its URL, and the application that the catalogue names', async () => {
    const mcp = 'https://mcp.contoso.com/mcp';
    const { code, out, err } = await entraGuard(['manifest', 'orders.mjs', '--mcp', mcp]);
    expect([code, JSON.parse(out)]).toEqual([0, mcpManifestOf(manifestOf(registered.catalogue), mcp)]);
    expect(err).toContain(
      `The catalogue is of ${registered.catalogue.api}, and clients of MCP ask for ${mcp}`,
    );
    const { out: steps } = await entraGuard(['manifest', 'orders.mjs', '--mcp', mcp, '--steps']);
    expect(steps).toContain("applications(appId='11111111-1111-4111-8111-111111111111')");
  });

  it('of an MCP server is what diff --mcp compares a registration with', async () => {
    const mcp = 'https://mcp.contoso.com/mcp';
    const wanted = mcpManifestOf(manifestOf(registered.catalogue), mcp);
    const there = JSON.stringify({ appId: '11111111-1111-4111-8111-111111111111', ...wanted });
    const agrees = await entraGuard(['diff', 'orders.mjs', '-', '--mcp', mcp], there);
    expect([agrees.code, agrees.out]).toEqual([0, 'Code and registration agree.\n']);
    const plain = await entraGuard(['diff', 'orders.mjs', '-'], there);
    expect([plain.code, plain.out]).toEqual([1, expect.stringContaining('identifier_uri_missing')]);
    const slash = await entraGuard(['diff', 'orders.mjs', '-', '--mcp', `${mcp}/`], there);
    expect([slash.code, slash.err]).toEqual([2, expect.stringContaining('AADSTS9010010')]);
  });

  it('prints the steps as JSON, for the registration on standard input', async () => {
    const there = registration('drifted.az');
    const { out } = await entraGuard(
      ['manifest', 'orders.mjs', '--steps', '--json', '--current', '-'],
      `\uFEFF${JSON.stringify(there)}`,
    );
    const start = { ...there, appRoles: there.appRoles.map(({ origin: _, ...role }: Json) => role) };
    const after = (JSON.parse(out) as readonly ManifestStep[]).reduce(patched, start);
    expect(compareWithRegistration(manifestOf(registered.catalogue), after)).toEqual([]);
  });

  it('prints the steps as a script, in which deleting is a comment', async () => {
    const { code, out } = await entraGuard([
      ...['manifest', 'orders.mjs', '--steps', '--current', registrationFile('drifted.az')],
    ]);
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines.filter((line) => /^# \d/.test(line))).toEqual([
      '# 1. Write identifier URI, token version, permissions and optional claims; disable the scope user_impersonation',
      '# 2. Pre-authorize the clients',
      '# 3. Delete the scope user_impersonation, when no client uses it any more',
    ]);
    const url = `"https://graph.microsoft.com/v1.0/applications(appId='11111111-1111-4111-8111-111111111111')"`;
    const az = `az rest --method PATCH --url ${url} --headers "Content-Type=application/json"`;
    expect(lines.filter((line) => line.includes('az rest'))).toEqual([
      `${az} --body @step-1.json`,
      `${az} --body @step-2.json`,
      `# ${az} --body @step-3.json`,
    ]);
    const bodies = [...out.matchAll(/<<'JSON'\n([\s\S]*?)\nJSON\n/g)].map(([, body = '']) =>
      JSON.parse(body),
    );
    expect(bodies).toHaveLength(3);
  });

  it('lets nothing out of a registration into the script but data', async () => {
    const there = registration('clean.az');
    there.appRoles.push({
      id: '33333333-3333-4333-8333-333333333333',
      value: 'x\nreboot\u001b[31m\n',
      isEnabled: true,
    });
    const args = ['manifest', 'orders.mjs', '--steps', '--current', '-'];
    const { out } = await entraGuard(args, JSON.stringify(there));
    expect(out).toContain('disable the app role x\\u{a}reboot\\u{1b}[31m');
    expect(out.split('\n')).not.toContain('reboot');
    expect(out).not.toContain('\u001b');
  });

  it.each([[['--steps']], [['--steps', '--json']]])(
    'has no steps for an application that is not named: %j',
    async (flags) => {
      const { code, err, out } = await entraGuard([
        'manifest',
        'two-apis.mjs',
        '--api',
        'api://first',
        ...flags,
      ]);
      expect(code).toBe(2);
      expect(out + err).toContain('whose ID is not known');
      const named = ['--client-id', '00001111-aaaa-2222-bbbb-3333cccc4444'];
      const known = await entraGuard([
        'manifest',
        'two-apis.mjs',
        '--api',
        'api://first',
        ...flags,
        ...named,
      ]);
      expect([known.code, known.out]).toEqual([0, expect.stringContaining("(appId='00001111-aaaa")]);
    },
  );

  it('is of no API that the environment should have named', async () => {
    const { code, err } = await entraGuard(['manifest', 'of-environment.mjs']);
    expect([code, err]).toEqual([2, expect.stringContaining('IDs that stand in where none are set')]);
    const env = { PATH: process.env.PATH, ENTRA_GUARD_CLIENT_ID: '00001111-aaaa-2222-bbbb-3333cccc4444' };
    const { out } = await entraGuard(['manifest', 'of-environment.mjs'], '', { env });
    expect(JSON.parse(out).identifierUris).toEqual(['api://00001111-aaaa-2222-bbbb-3333cccc4444']);
  });

  it.each([
    ['without a catalogue', ['plain.cjs'], 'has no catalogue', '"entra-guard permissions init" begins it'],
    ['with two catalogues', ['two-apis.mjs'], 'api://first, api://second', '--api'],
    [
      'of another API',
      ['two-apis.mjs', '--api', 'api://third'],
      'no catalogue of api://third',
      'api://first',
    ],
  ])('ends with 2 %s', async (_, args, message, hint) => {
    const { code, err } = await entraGuard(['manifest', ...args]);
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(code).toBe(2);
  });
});

describe('diff', options, () => {
  it.each(['clean.az', 'clean.graph', 'clean.portal'])('is content with %s', async (name) => {
    expect(await entraGuard(['diff', 'orders.mjs', registrationFile(name)])).toEqual({
      code: 0,
      out: 'Code and registration agree.\n',
      err: '',
    });
  });

  it('says line by line which side to change, and ends with 1', async () => {
    const there = registration('clean.az');
    there.api.oauth2PermissionScopes[1].type = 'User';
    there.api.oauth2PermissionScopes[1].id = '33333333-3333-4333-8333-333333333333';
    const { code, out } = await entraGuard(['diff', 'orders.mjs', '-'], JSON.stringify(there));
    expect(out).toBe(`scope Orders.Write (permission_id)
    code: aaaaaaaa-0000-4000-8000-000000000002
    registration: 33333333-3333-4333-8333-333333333333
    change the code: Pin it: 'Orders.Write': { id: '33333333-3333-4333-8333-333333333333', … } in definePermissions. Consents and assignments refer to the registration's ID, so it stays.
scope Orders.Write (consent_differs)
    code: Admin
    registration: User
    change the registration: Set type to Admin. If the registration is right, change consent in definePermissions.

2 differences.
`);
    expect(code).toBe(1);
  });

  it('prints JSON', async () => {
    const { code, out } = await entraGuard([
      ...['diff', 'orders.mjs', registrationFile('drifted.graph'), '--json'],
    ]);
    const { drift } = JSON.parse(out) as { readonly drift: readonly Drift[] };
    expect(drift).toEqual(
      compareWithRegistration(manifestOf(registered.catalogue), registration('drifted.graph')),
    );
    expect(code).toBe(1);
  });

  it('lets no control character of a registration reach the terminal', async () => {
    const there = registration('clean.az');
    there.appRoles[0].displayName = 'a\u001b]0;owned\u0007\nb';
    const { out } = await entraGuard(['diff', 'orders.mjs', '-'], JSON.stringify(there));
    expect(out).toContain('registration: a\\u{1b}]0;owned\\u{7}\\u{a}b\n');
  });

  it.each<[string, string, string]>([
    ['no file', 'nowhere.json', 'There is no file'],
    ['a folder', '.', 'could not be read (EISDIR)'],
    ['no JSON', 'plain.cjs', 'plain.cjs is not JSON'],
    ['nothing on standard input', '-', 'Standard input is empty'],
    ['the old format', registrationFile('azure-ad-graph'), 'the format of Azure AD Graph'],
    ['a service principal', registrationFile('service-principal'), 'a service principal'],
  ])('ends with 2 for %s', async (_, file, message) => {
    const { code, out, err } = await entraGuard(['diff', 'orders.mjs', file]);
    expect(err).toContain(message);
    expect(err).toContain('az ad app show');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it.each([
    ['half of it', 'half.json', 'half.json is not JSON'],
    ['an empty file', 'empty.json', 'empty.json is empty'],
  ])('ends with 2 for %s', async (_, file, message) => {
    const { code, err } = await entraGuard(['diff', 'orders.mjs', file], '', { cwd: folder });
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('permissions init', options, () => {
  /** Runs what was written, as the application would. */
  const catalogueIn = (source: string): Permissions<string, string, string> => {
    const body = source.replace(/^import .*\n/, '').replace('export const permissions =', 'return');
    return new Function('definePermissions', body)(definePermissions) as Permissions<string, string, string>;
  };

  it.each(['clean.az', 'clean.graph', 'drifted.az'])(
    'from %s, leaves no drift but the rest',
    async (name) => {
      const { code, out } = await entraGuard(['permissions', 'init', registrationFile(name)]);
      expect(code).toBe(0);
      const drifts = compareWithRegistration(manifestOf(catalogueIn(out).catalogue), registration(name));
      expect(drifts.map(({ kind }) => kind)).toEqual(
        name === 'drifted.az' ? ['token_version', 'optional_claim_missing'] : [],
      );
    },
  );

  it('from what a registration may hold, writes code that means just that', async () => {
    const there = registration('clean.az');
    there.api.oauth2PermissionScopes[0].adminConsentDescription = `It's "all" \\ \${1} \u2028 \`x\``;
    const { out } = await entraGuard(['permissions', 'init', '-'], JSON.stringify(there));
    expect(catalogueIn(out).catalogue.scopes[0]?.description).toBe(`It's "all" \\ \${1} \u2028 \`x\``);
  });

  it('from the requirements in the code', async () => {
    const { code, out } = await entraGuard(['permissions', 'init', 'orders.mjs']);
    expect(code).toBe(0);
    expect(out).toContain("import { definePermissions } from '@entra-guard/express';");
    const { scopes, appRoles } = catalogueIn(out.replace('api://TODO', 'api://orders')).catalogue;
    expect(scopes.map(({ value }) => value)).toEqual(['Orders.Read', 'Orders.Write']);
    expect(appRoles.map((role) => [role.value, role.for])).toEqual([
      ['Orders.Admin', ['user']],
      ['Orders.Read.All', ['application']],
    ]);
  });

  it.each(['manifest', 'diff'])('%s refuses a catalogue with placeholders', async (command) => {
    const begun = await mkdtemp(join(APPS, 'begun-'));
    try {
      await writeFile(
        join(begun, 'permissions.mjs'),
        (await entraGuard(['permissions', 'init', 'orders.mjs'])).out,
      );
      await writeFile(
        join(begun, 'app.mjs'),
        "export { app } from '../plain-app.mjs';\nexport { permissions } from './permissions.mjs';\n",
      );
      const [app, ...file] = ['app.mjs', ...(command === 'diff' ? [registrationFile('clean.az')] : [])];
      const unfinished = await entraGuard([command, app, ...file], '', { cwd: begun });
      expect([unfinished.code, unfinished.out]).toEqual([2, '']);
      expect(unfinished.err).toContain(
        "api is 'api://TODO'; scopes['Orders.Read'].description is 'TODO: what",
      );
      const listed = await entraGuard(['inventory', 'app.mjs'], '', { cwd: begun });
      expect(listed.out).toContain('placeholder: The catalogue of api://TODO still has placeholders');
    } finally {
      await rm(begun, { recursive: true });
    }
  });

  it('from the decorators of a Nest module', async () => {
    const { out } = await entraGuard(['permissions', 'init', 'nest.cjs#createModule']);
    expect(out).toContain("from '@entra-guard/nestjs'");
    expect(catalogueIn(out).catalogue.scopes.map(({ value }) => value)).toEqual(['Orders.Read']);
  });

  it('writes a file, and never over one', async () => {
    const args = ['permissions', 'init', registrationFile('clean.az'), '--output', 'permissions.ts'];
    const { code, out, err } = await entraGuard(args, '', { cwd: folder });
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain('Look for TODO.');
    const written = await readFile(join(folder, 'permissions.ts'), 'utf8');
    expect(catalogueIn(written).catalogue.api).toBe(registered.catalogue.api);
    const again = await entraGuard(args, '', { cwd: folder });
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });
    const nowhere = await entraGuard([...args.slice(0, -1), 'no/such/folder.ts'], '', { cwd: folder });
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('could not be written (ENOENT)') });
    await expect(access(join(folder, 'no'))).rejects.toThrow();
  });

  it.each([
    ['an application without permissions', ['unguarded.mjs'], '', 'unguarded.mjs holds no permissions'],
    [
      'a registration without permissions',
      ['-'],
      JSON.stringify(registration('new.graph-list')),
      'Standard input holds no permissions',
    ],
    ['nothing', ['-'], '', 'Standard input is empty'],
  ])('ends with 2 for %s', async (_, args, input, message) => {
    const { code, err } = await entraGuard(['permissions', 'init', ...args], input);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
