// The package loads where modules are CommonJS, and its dependencies with it.
const assert = require('node:assert/strict');
const { EXIT, run } = require('@entra-guard/cli');

const written = [];
const output = { write: (text) => written.push(text) };
const host = {
  version: '1',
  nodeVersion: '20.19.0',
  cwd: __dirname,
  env: {},
  stdout: output,
  stderr: output,
};

run(['migrate', 'passport-azure-ad', __filename], host).then((code) => {
  assert.equal(code, EXIT.findings);
  assert.match(written.join(''), /load\.cjs:\d+: by hand: 'passport-azure-ad' is named here/);
});
