import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { recordText } from '@entra-guard/core/revocation';
import { createClient } from 'redis';
import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import type { Bench, Row, RowResult } from '../engine/row.js';
import { quantile, spreadOf } from '../engine/statistics.js';
import type { RevocationQuestions } from '../hosts/revocation.js';

const PROCESSES = 8;
const REVOKED = 300;
const ROUNDS = 5;
const MANY = 100_000;
/** Milliseconds between two records: an operator's script, not a flood. */
const PAUSE = 5;
const TENANT = '11111111-1111-4111-8111-111111111111';

/** From revoking in one process to refusing in all, over Redis; and a start with many records. */
export const revocation: Row = {
  name: 'revocation',
  short: false,
  async run(bench) {
    if (spawnSync('redis-server', ['--version']).status !== 0) {
      bench.say('revocation: left out, redis-server is not installed.');
      return [];
    }
    return [await withRedis(revokeToRefusal), await withRedis((port) => startWithMany(port, bench))];
  },
};

async function revokeToRefusal(port: number): Promise<RowResult> {
  const children = Array.from({ length: PROCESSES }, () =>
    Child.start<RevocationQuestions>('revocation', [String(port)]),
  );
  try {
    await Promise.all(children.map((child) => child.ask('start', { weigh: false })));
    const [first] = children as [(typeof children)[number]];
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begun = new Map(
        await first.ask('revoke', { from: 1 + round * REVOKED, count: REVOKED, pause: PAUSE }),
      );
      rounds.push(await delaysOf(children, begun));
    }
    const spread = (share: number) => spreadOf(rounds.map((delays) => quantile(delays, share)));
    return {
      row: 'revocation',
      title: `From revoke() to refusal, ${PROCESSES} processes`,
      unit: 'ms',
      figures: [
        { contender: 'half of them', value: spread(0.5) },
        { contender: '99 %', value: spread(0.99) },
        { contender: 'all', value: spread(1) },
      ],
      aims: [aim('99 % of refusals', spread(0.99), { atMost: 100 }, 'ms')],
      notes: [
        `${REVOKED} records in each of ${ROUNDS} rounds, one every ${PAUSE} ms or so, from the call in one process until each of the ${PROCESSES} refuses. Redis, with append-only file, and all processes on one machine.`,
      ],
    };
  } finally {
    await Promise.all(children.map((child) => child.close()));
  }
}

/** Milliseconds from each call to each refusal. Waits until all processes have refused all. */
async function delaysOf(
  children: readonly Child<RevocationQuestions>[],
  begun: ReadonlyMap<string, number>,
): Promise<number[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const refused = await Promise.all(children.map((child) => child.ask('refused', undefined as never)));
    const delays = refused.flatMap((records) =>
      records.flatMap(([id, at]) => {
        const from = begun.get(id);
        return from === undefined ? [] : [at - from];
      }),
    );
    if (delays.length === children.length * begun.size) return delays;
    await setTimeout(100);
  }
  throw new Error('A record did not reach every process within 10 seconds.');
}

async function startWithMany(port: number, { say }: Bench): Promise<RowResult> {
  say(`revocation: writing ${MANY.toLocaleString('en-US')} records`);
  await fill(port);
  const child = Child.start<RevocationQuestions>('revocation', [String(port)]);
  try {
    const { milliseconds, stall, bytesPerRecord } = await child.ask('start', { weigh: true });
    const one = (value: number) => spreadOf([value]);
    return {
      row: 'revocation',
      title: 'Start with 100,000 records',
      unit: 'ms',
      figures: [
        {
          contender: 'until ready()',
          value: one(milliseconds),
          beside: { 'bytes a record': bytesPerRecord },
        },
        { contender: 'longest stall meanwhile', value: one(stall) },
      ],
      aims: [aim('longest stall of the event loop', one(stall), { atMost: 10 }, 'ms')],
      notes: ['One process. The heap is weighed after garbage collection.'],
    };
  } finally {
    await child.close();
  }
}

async function fill(port: number): Promise<void> {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  await client.connect();
  const at = Date.now();
  const until = at + 86_400_000;
  for (let from = 0; from < MANY; from += 2000) {
    const members = Array.from({ length: 2000 }, (_, index) => {
      const hex = (from + index).toString(16).padStart(12, '0');
      const record = {
        id: `33333333-3333-4333-8333-${hex}`,
        target: { user: `22222222-2222-4222-8222-${hex}`, tenantId: TENANT },
        because: 'bench',
        issuedBefore: at,
        until,
        at,
        reach: 'shared',
      } as const;
      return [String(until), recordText(record, 'bench')];
    });
    await client.sendCommand(['ZADD', '{entra-guard}:state', ...members.flat()]);
  }
  client.destroy();
}

/** Runs a Redis of its own, which a process has used before. */
async function withRedis(measure: (port: number) => Promise<RowResult>): Promise<RowResult> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-bench-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(server, 'exit');
  try {
    for await (const text of server.stdout.setEncoding('utf8')) {
      if (String(text).includes('Ready to accept connections')) break;
    }
    const client = createClient({ socket: { host: '127.0.0.1', port } });
    await client.connect();
    await client.set('{entra-guard}:epoch', 'bench');
    client.destroy();
    return await measure(port);
  } finally {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}
