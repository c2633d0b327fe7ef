// The installed command runs a local Entra, prints a token of it, and ends cleanly.
const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { once } = require('node:events');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { readLocalConfig } = require('@entra-guard/testing/local');
const schema = require('@entra-guard/testing/local-config.schema.json');

// The command itself and no shim: a signal has to reach it.
const bin = join(require.resolve('@entra-guard/cli/package.json'), '../bin/entra-guard.js');
const cwd = mkdtempSync(join(__dirname, 'app-'));

async function main() {
  const local = spawn(
    process.execPath,
    [bin, 'local', '--json', '--port', '0', '--state', 'entra.state.json'],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(local, 'exit');
  let text = '';
  for await (const chunk of local.stdout) {
    text += chunk;
    if (text.endsWith('\n}\n')) break;
  }
  const { report } = JSON.parse(text);
  assert.equal((await fetch(report.metadata)).status, 200);
  const token = await promisify(execFile)(
    process.execPath,
    [bin, 'token', '--as', 'ada', '--scope', 'Orders.Read', '--state', 'entra.state.json'],
    { cwd },
  );
  assert.match(token.stdout, /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
  local.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(readLocalConfig('{ "port": 0 }', 'entra.local.json'), { port: 0 });
  assert.equal(schema.additionalProperties, false);
}

void main();
