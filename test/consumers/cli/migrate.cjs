// The installed command changes an application, and its exit code is what it says.
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const folder = mkdtempSync(join(__dirname, 'app-'));
const file = join(folder, 'auth.js');
writeFileSync(file, "const { BearerStrategy } = require('passport-azure-ad');\n");
const dependencies = { passport: '^0.7.0', 'passport-azure-ad': '^4.3.5' };
writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies }));

const migrate = (...flags) =>
  spawnSync('entra-guard-codemod', ['passport-azure-ad', ...flags], {
    cwd: folder,
    encoding: 'utf8',
    shell: true,
  });

assert.equal(migrate('--write').status, 0);
assert.equal(readFileSync(file, 'utf8'), "const { BearerStrategy } = require('@entra-guard/passport');\n");
assert.equal(migrate('nowhere').status, 2);
