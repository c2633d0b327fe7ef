// Measures what revocations cost a Redis: connections of a process, commands while nothing happens, bytes of a record. Needs
// redis-server and a build. The page docs/cost.md has what it printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './workspace.mjs';

const load = createRequire(join(root, 'test/package.json'));
const { redisRevocations } = load('@entra-guard/redis');
const { createClient } = load('redis');

const PORT = '6399';
const RECORDS = 1000;
const SECONDS = 20;

const server = spawn('redis-server', ['--port', PORT, '--save', '', '--bind', '127.0.0.1']);
for await (const text of server.stdout.setEncoding('utf8')) {
  if (text.includes('Ready to accept connections')) break;
}
const admin = await connected();
const number = async (section, name) =>
  Number(new RegExp(`${name}:(\\d+)`).exec(await admin.info(section))?.[1]);

const before = await number('clients', 'connected_clients');
const client = await connected();
const store = redisRevocations(client, { whenStale: 'refuse', log: false });
await store.ready();
await sleep(7000); // the first readings
console.log(`connections of a process: ${(await number('clients', 'connected_clients')) - before}`);

await admin.configResetStat();
await sleep(SECONDS * 1000);
for (const [, name, calls] of (await admin.info('commandstats')).matchAll(/cmdstat_(\w+):calls=(\d+)/g)) {
  if (name !== 'config' && name !== 'info') console.log(`${name}: ${Number(calls) / SECONDS} a second`);
}

const empty = await number('memory', 'used_memory');
for (let index = 0; index < RECORDS; index += 1) {
  const user = `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`;
  const target = { user, tenantId: '11111111-1111-4111-8111-111111111111' };
  await store.revoke(target, { because: 'left the company, HR-1234' });
}
const full = await number('memory', 'used_memory');
console.log(`bytes of a record: ${Math.round((full - empty) / RECORDS)}`);

await store.close();
client.destroy();
admin.destroy();
server.kill();
await once(server, 'exit');

async function connected() {
  const one = createClient({ url: `redis://127.0.0.1:${PORT}` });
  one.on('error', () => {});
  await one.connect();
  return one;
}
