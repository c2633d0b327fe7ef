import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordText } from '@entra-guard/core/revocation';
import { freePort } from '@entra-guard/scripts/free-port.mjs';
import { createClient } from 'redis';

export const REVOKED_TENANT = '11111111-1111-4111-8111-111111111111';
const BATCH = 2000;

export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** Runs a Redis of its own, with an append-only file, which a process has used before. */
export async function withRedis<T>(use: (port: number) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-bench-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(server, 'exit');
  try {
    let printed = '';
    for await (const text of server.stdout.setEncoding('utf8')) {
      printed += String(text);
      if (printed.includes('Ready to accept connections')) break;
    }
    await commanding(port, (command) => command('SET', '{entra-guard}:epoch', 'bench'));
    return await use(port);
  } finally {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

type Send = (...command: string[]) => Promise<unknown>;

/** Sends commands as an operator would, on a connection of its own. */
export async function commanding<T>(port: number, use: (command: Send) => Promise<T>): Promise<T> {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await use((...command) => client.sendCommand(command));
  } finally {
    client.destroy();
  }
}

/** Writes cutoffs of so many users, as a process would have. */
export async function fillWithRecords(port: number, count: number): Promise<void> {
  const at = Date.now();
  // As long as a cutoff lasts with the standard `longestToken`.
  const until = Math.ceil(at / 1000) * 1000 + (28 * 3600 + 600) * 1000;
  await commanding(port, async (command) => {
    for (let from = 0; from < count; from += BATCH) {
      const members = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
        const hex = (from + index).toString(16).padStart(12, '0');
        const record = {
          id: `33333333-3333-4333-8333-${hex}`,
          target: { user: `22222222-2222-4222-8222-${hex}`, tenantId: REVOKED_TENANT },
          because: 'bench',
          issuedBefore: at,
          until,
          at,
          reach: 'shared',
        } as const;
        return [String(until), recordText(record, 'bench')];
      });
      await command('ZADD', '{entra-guard}:state', ...members.flat());
    }
  });
}

/** A number of `INFO`, such as `total_commands_processed`; 0 if it is not there. */
export async function infoNumber(command: Send, section: string, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(String(await command('INFO', section)))?.[1] ?? 0);
}
