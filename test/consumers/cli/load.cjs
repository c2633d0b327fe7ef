// Both commands load where modules are CommonJS, and their dependencies with them.
const assert = require('node:assert/strict');
const cli = require('@entra-guard/cli');
const codemod = require('@entra-guard/codemod');

async function outcome({ run }, args) {
  const written = [];
  const output = { write: (text) => written.push(text) };
  const code = await run(args, { version: '1', cwd: __dirname, env: {}, stdout: output, stderr: output });
  return { code, text: written.join('') };
}

async function main() {
  const moved = await outcome(codemod, ['passport-azure-ad', __filename]);
  assert.equal(moved.code, codemod.EXIT.findings);
  assert.match(moved.text, /load\.cjs:\d+: by hand: 'passport-azure-ad' is named here/);
  const draft = await outcome(cli, ['permissions', 'init', 'nowhere.js']);
  assert.equal(draft.code, cli.EXIT.badInput);
  assert.match(draft.text, /nowhere\.js/);
}

void main();
