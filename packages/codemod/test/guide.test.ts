import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileOf, withPrinted } from '../../../test/support/printed-page.js';
import { runCodemod } from './run-codemod.js';
import { temporaryProject } from './temporary-project.js';

const PAGE = 'docs/migrate-from-passport-azure-ad.md';

const SAMPLE = {
  'package.json': `{
  "name": "todo-list-api",
  "dependencies": {
    "express": "^4.19.2",
    "passport": "^0.6.0",
    "passport-azure-ad": "^4.3.5"
  },
  "devDependencies": {
    "@types/passport-azure-ad": "^4.3.6"
  }
}
`,
  'src/app.js': `const passport = require('passport');
const passportAzureAd = require('passport-azure-ad');
const config = require('./authConfig');

const bearerStrategy = new passportAzureAd.BearerStrategy(
  {
    identityMetadata: \`https://\${config.authority}/\${config.tenantID}/v2.0/.well-known/openid-configuration\`,
    clientID: config.clientID,
    audience: config.clientID, // audience is this application
    validateIssuer: process.env.VALIDATE_ISSUER,
    allowMultiAudiencesInToken: false,
    passReqToCallback: false,
    loggingLevel: 'info',
    proxy: config.proxy,
  },
  (token, done) => done(null, {}, token),
);

passport.use(bearerStrategy);
`,
};

it('the guide holds what the command prints', async () => {
  const { folder } = temporaryProject(SAMPLE);
  const { stdout, stderr } = await runCodemod(['passport-azure-ad', 'src'], { cwd: folder });
  await expect(withPrinted(PAGE, { preview: stdout, findings: stderr })).toMatchFileSnapshot(
    join(import.meta.dirname, '../../..', PAGE),
  );
});

it('the README holds the help', async () => {
  const page = 'packages/codemod/README.md';
  const { stdout } = await runCodemod(['passport-azure-ad', '--help']);
  await expect(withPrinted(page, { help: stdout })).toMatchFileSnapshot(
    join(import.meta.dirname, '../README.md'),
  );
});

it('the guide has every option of passport-azure-ad, and every code of a finding', () => {
  const page = fileOf(PAGE);
  const options = [
    ...['identityMetadata', 'clientID', 'audience', 'issuer', 'validateIssuer', 'isB2C', 'policyName'],
    ...[
      'allowMultiAudiencesInToken',
      'scope',
      'clockSkew',
      'passReqToCallback',
      'loggingLevel',
      'loggingNoPII',
    ],
    ...['proxy', 'ignoreExpiration', 'tenantIdOrName', 'session'],
  ];
  for (const option of options) expect(page).toMatch(new RegExp(`^\\| \`${option}\`.*\\|.*\\|.*\\|$`, 'm'));
  const codes = fileOf('packages/codemod/src/passport-azure-ad/finding.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm);
  for (const [, code] of codes) expect(page).toMatch(new RegExp(`^\\|.*\`${code}\``, 'm'));
});
