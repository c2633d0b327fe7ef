// Copied beside every consumer. ESM and CommonJS that meet in a process share one copy of what is named on the command
// line: one set of classes and brands, one store of signing keys, one guard in front of a handler.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
for (const name of process.argv.slice(2)) {
  const required = require(name);
  const imported = await import(name);
  const members = Object.keys(imported).filter((member) => !['default', 'module.exports'].includes(member));
  assert.ok(members.length > 0, `${name} exports something`);
  for (const member of members) assert.equal(required[member], imported[member], `${name}: ${member}`);
}
