import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/free-port.mjs';

const module = fileURLToPath(new URL('../../scripts/free-port.mjs', import.meta.url));

/** Takes ports in a process of its own, which keeps them for as long as the test runs. */
async function takenElsewhere(count: number): Promise<number[]> {
  const program = `
    const { freePort } = await import(${JSON.stringify(module)});
    const ports = await Promise.all(Array.from({ length: ${count} }, freePort));
    process.stdout.write(JSON.stringify(ports) + '\\n');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    printed += String(text);
    if (printed.endsWith('\n')) break;
  }
  return JSON.parse(printed) as number[];
}

it('gives each caller a port of its own, also in other processes', async () => {
  const all = await Promise.all([
    takenElsewhere(300),
    takenElsewhere(300),
    Promise.all(Array.from({ length: 300 }, freePort)),
  ]);
  expect(new Set(all.flat()).size).toBe(900);
});

it('gives a port that a server can take, and that a system gives to no connection', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  // Linux gives ports from 32768 on to connections, other systems from 49152 on. A Redis cluster adds 10000.
  expect(port + 10_000).toBeLessThan(32_768);
});

it('passes over ports on which a server listens', async () => {
  const port = await freePort();
  const next = Array.from({ length: 20 }, (_, index) => port + 1 + index);
  const servers = next.map((each) => createServer().listen(each, '127.0.0.1'));
  onTestFinished(() => servers.forEach((server) => void server.close()));
  // A port that another process has is not free either.
  await Promise.allSettled(servers.map((server) => once(server, 'listening')));
  expect(servers.some(({ listening }) => listening)).toBe(true);
  for (let count = 0; count < 5; count++) expect(next).not.toContain(await freePort());
});
