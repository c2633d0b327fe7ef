import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moveSource } from '../src/passport-azure-ad/move-source.js';
import { runCodemod } from './run-codemod.js';
import { temporaryProject } from './temporary-project.js';

const GUID = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const ID = "'00001111-aaaa-2222-bbbb-3333cccc4444'";
const LOGIN = 'https://login.microsoftonline.com';
const RIGHT = `identityMetadata: '${LOGIN}/${GUID}/v2.0/.well-known/openid-configuration', clientID: ${ID}`;

/** What is said of a strategy with these options, after these declarations. */
function found(options: string, declarations = ''): readonly string[] {
  const text = `import { BearerStrategy } from 'passport-azure-ad';\n${declarations}\nnew BearerStrategy({ ${options} }, verify);\n`;
  return moveSource('app.ts', text).findings.map(({ level, message }) => `${level} ${message}`);
}

describe('what is still to be filled in is left to do by hand', () => {
  it.each<[string, string, string?]>([
    ['issuer', `${RIGHT}, issuer: '${LOGIN}/Enter_the_Tenant_Info_Here/v2.0'`],
    ['issuer', `${RIGHT}, issuer: ['https://sts.windows.net/<your_tenant_guid>/']`],
    ['issuer', `${RIGHT}, issuer: ['https://sts.windows.net/${GUID}/', '${LOGIN}/YOUR_TENANT/v2.0']`],
    ['issuer', `${RIGHT}, isB2C: true, policyName: 'B2C_1_in', issuer: '${LOGIN}/{tenant}/v2.0'`],
    ['issuer', `${RIGHT}, issuer: process.env.ISSUER || '${LOGIN}/TODO/v2.0'`],
    [
      'issuer',
      `${RIGHT}, issuer: \`${LOGIN}/\${tenant}/v2.0\``,
      "const tenant = 'Enter_the_Tenant_Info_Here';",
    ],
    [
      'issuer',
      `${RIGHT}, issuer: '${LOGIN}/' + config.ids.tenant + '/v2.0'`,
      "const config = { ids: { tenant: 'your-tenant' } } as const;",
    ],
    [
      'issuer',
      `${RIGHT}, issuer: '${LOGIN}/' + tenant + '/v2.0'`,
      "const { tenant } = { tenant: 'contoso' };",
    ],
    ['issuer', `${RIGHT}, issuer`, `const issuer = '${LOGIN}/${GUID.replaceAll(/[0-9a-f]/g, '0')}/v2.0';`],
    [
      'identityMetadata',
      `clientID: ${ID}, identityMetadata: '${LOGIN}/<tenant>/v2.0/.well-known/openid-configuration'`,
    ],
    [
      'identityMetadata',
      `clientID: ${ID}, identityMetadata: '${LOGIN}/mytenant/v2.0/.well-known/openid-configuration'`,
    ],
    ['clientID', `identityMetadata: url, clientID: 'Enter_the_Application_Id_Here'`],
    ['clientID', `identityMetadata: url, clientID: id`, "const id = '00000000-0000-0000-0000-000000000000';"],
    ['audience', `${RIGHT}, audience: 'api://<client id>'`],
    ['audience', `${RIGHT}, audience: [${ID}, 'api://YOUR_CLIENT_ID']`],
  ])('%s: %s', (name, options, declarations) => {
    expect(found(options, declarations)).toEqual([expect.stringMatching(`^by-hand ${name} `)]);
  });

  it.each<[string, string?]>([
    [`${RIGHT}, issuer: '${LOGIN}/${GUID}/v2.0'`],
    [`${RIGHT}, issuer: \`${LOGIN}/\${tenant}/v2.0\``, `const tenant = '${GUID}';`],
    [`${RIGHT}, issuer: \`${LOGIN}/\${tenant}/v2.0\``, "let tenant = 'TODO'; tenant = process.env.TENANT;"],
    [`${RIGHT}, issuer: config.issuer`, "const config = { issuer: 'TODO' }; config.issuer = read();"],
    [`${RIGHT}, issuer: config.issuer`, "const config = { issuer: 'TODO', ...read() };"],
    [`${RIGHT}, issuer: config.issuer`, "const config = { issuer: 'TODO' }; Object.assign(config, read());"],
    [`${RIGHT}, issuer: a`, 'const a = b; const b = a;'],
    [`${RIGHT}, issuer: unknown.issuer, audience: process.env.AUDIENCE`],
    [`clientID: ${ID}, identityMetadata: '${LOGIN}/contoso.example/v2.0/.well-known/openid-configuration'`],
    [`${RIGHT}, audience: 'api://todo-list'`],
  ])('and what is not, is not: %s', (options, declarations) => {
    expect(found(options, declarations)).toEqual([]);
  });
});

describe('configuration in a file of its own is looked at', () => {
  const strategy = (load: string) => `import { BearerStrategy } from 'passport-azure-ad';
${load}
const options = {
  identityMetadata: \`https://\${config.metadata.authority}/\${config.credentials.tenantID}/v2.0/.well-known/openid-configuration\`,
  issuer: \`https://\${config.metadata.authority}/\${config.credentials.tenantID}/v2.0\`,
  clientID: config.credentials.clientID,
};
new BearerStrategy(options, verify);
`;
  const members = (tenantID: string) =>
    `{ "credentials": { "tenantID": "${tenantID}", "clientID": ${ID.replaceAll("'", '"')} }, "metadata": { "authority": "login.microsoftonline.com" } }`;

  it.each<[string, string, string, (value: string) => string]>([
    ['JSON', 'config.json', "import config from './config.json' with { type: 'json' };", (value) => value],
    ['JSON by require', 'config.json', "const config = require('./config');", (value) => value],
    [
      'a module',
      'authConfig.ts',
      "import config from './authConfig.js';",
      (value) => `export default ${value};`,
    ],
    [
      'a name of a module',
      'auth-config.ts',
      "import { config } from './auth-config.js';",
      (value) => `export const config = ${value};`,
    ],
    [
      'a module as a whole',
      'all.ts',
      "import * as all from './all.js';\nconst { config } = all;",
      (value) => `const config = ${value};\nexport { config };`,
    ],
    [
      'CommonJS',
      'authConfig.js',
      "const config = require('./authConfig');",
      (value) => `const config = ${value};\nmodule.exports = config;`,
    ],
    [
      'a member of CommonJS',
      'c.js',
      "const { config } = require('./c.js');",
      (value) => `exports.config = ${value};`,
    ],
  ])('%s', async (_, name, load, write) => {
    const project = temporaryProject({
      'package.json': '{ "dependencies": { "passport": "^0.7.0", "passport-azure-ad": "^4.3.5" } }',
      'app.ts': strategy(load),
      [name]: write(members('Enter_the_Tenant_Info_Here')),
    });
    const run = () => runCodemod(['passport-azure-ad', '.'], { cwd: project.folder });
    const { code, stderr } = await run();
    expect(stderr).toMatch(/app\.ts:[45]: by hand: identityMetadata is /);
    expect(stderr).toMatch(/app\.ts:[56]: by hand: issuer is /);
    expect(code).toBe(1);
    writeFileSync(join(project.folder, name), write(members(GUID)));
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing left to do') });
  });
});
