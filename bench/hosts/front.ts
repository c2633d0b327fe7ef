import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createGuard } from '@entra-guard/core';
import { createDecisionService, createProxy, serverConfiguration } from '@entra-guard/proxy';
import { type Policy, readPolicy } from '@entra-guard/proxy/policy';
import { freePort } from '@entra-guard/scripts/free-port.mjs';
import { createProxyServer } from 'httpxy';
import { guardOptions, readAuthority } from '../engine/authority.js';
import { inDevelopment } from '../engine/in-development.js';
import { answer } from './answering.js';

/** What stands in front of an application that answers at once. */
export type FrontName =
  | 'node:http'
  | 'entra-guard (service)'
  | 'nginx'
  | 'nginx + entra-guard'
  | 'httpxy'
  | 'entra-guard (proxy)';

const [name = '', authorityFile = ''] = process.argv.slice(2);
const authority = readAuthority(authorityFile);
const children: ChildProcess[] = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const policyFor = (upstream: number): Policy =>
  readPolicy(`version: 1
entra: { tenantId: ${authority.tenantId}, clientId: ${authority.clientId} }
apps:
  orders:
    host: 127.0.0.1
    upstream: http://127.0.0.1:${upstream}
    audience: orders
    rules:
      - { path: /orders/**, methods: [GET], require: scopes('Orders.Read') }
`);

async function deciding(dialect: 'nginx' | 'envoy-http', policy: Policy): Promise<number> {
  const guard = await inDevelopment(async () => createGuard(guardOptions(authority)));
  await guard.ready();
  const service = createDecisionService({
    policy,
    guard,
    dialect,
    listen: '127.0.0.1:0',
    admin: false,
    assertion: { issuer: 'https://gate.contoso.com' },
  });
  return Number(new URL((await service.listen()).url).port);
}

/** An application that answers at once, and knows nothing of identity. */
const application = async (): Promise<number> => {
  const port = await freePort();
  await nginx(
    `events {} http { access_log off; server { listen 127.0.0.1:${port}; keepalive_requests 1000000000; location / { return 200 "[]"; } } }`,
    port,
  );
  return port;
};

const listen: Readonly<Record<FrontName, () => Promise<number>>> = {
  'node:http': async () => portOf(createServer((_request, response) => response.end('[]'))),
  'entra-guard (service)': () => deciding('envoy-http', policyFor(1)),
  nginx: async () => {
    const [upstream, port] = [await application(), await freePort()];
    await nginx(
      `events {} http { access_log off; upstream app { server 127.0.0.1:${upstream}; keepalive 64; } server { listen 127.0.0.1:${port}; keepalive_requests 1000000000; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://app; } } }`,
      port,
    );
    return port;
  },
  'nginx + entra-guard': async () => {
    const [upstream, port] = [await application(), await freePort()];
    const policy = policyFor(upstream);
    const service = `127.0.0.1:${await deciding('nginx', policy)}`;
    const [file] = serverConfiguration(policy, 'nginx', { service, server: `127.0.0.1:${port}` });
    await nginx(file?.text ?? '', port);
    return port;
  },
  httpxy: unchecked,
  'entra-guard (proxy)': checked,
};

/** A proxy that checks nothing, in the way that its documentation shows. */
async function unchecked(): Promise<number> {
  const proxy = createProxyServer({
    target: `http://127.0.0.1:${await application()}`,
    agent: new Agent({ keepAlive: true, maxSockets: 64 }),
  });
  return portOf(createServer((request, response) => void proxy.web(request, response)));
}

async function checked(): Promise<number> {
  const guard = await inDevelopment(async () => createGuard(guardOptions(authority)));
  await guard.ready();
  const policy = policyFor(await application());
  const proxy = createProxy({ policy, guard, listen: '127.0.0.1:0', admin: false });
  return Number(new URL((await proxy.listen()).url).port);
}

async function portOf(server: Server): Promise<number> {
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function nginx(configuration: string, port: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const settings = `daemon off; master_process off; pid ${join(folder, 'nginx.pid')}; error_log stderr;`;
  const child = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', settings],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  children.push(child);
  for (let tries = 0; !(await accepts(port)); tries += 1) {
    if (tries > 200) throw new Error('nginx does not listen.');
    await wait(50);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const questions = {
  listen: () => listen[name as FrontName](),
  /** Bytes of this process, without those of nginx. */
  memory: () => process.memoryUsage().rss,
};

export type FrontQuestions = typeof questions;
answer(questions);
