import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerConfigurationOptions, serverConfiguration } from '@entra-guard/proxy';
import { readPolicy } from '@entra-guard/proxy/policy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { frontOf, HOST } from '../support/front.js';
import { type ServerFront, whyNot } from '../support/front-server.js';
import { request, sendRaw } from '../support/raw-client.js';

const TEXT = `version: 1
entra: { tenantId: aaaabbbb-0000-cccc-1111-dddd2222eeee, clientId: 00001111-aaaa-2222-bbbb-3333cccc4444 }
apps:
  first-app:
    host: [one.contoso.example, '*.two.contoso.example', two.contoso.example]
    upstream: https://localhost:8443
    cors: { origins: ['https://a.contoso.example', 'http://localhost:5173'], maxAge: 1h }
    rules:
      - { path: /**, methods: [any], require: anonymous(), because: a test }
  second_app:
    host: other.example
    upstream: http://127.0.0.1
    identity: none
    passToken: true
    rules:
      - { path: /a, methods: [GET], require: anonymous(), because: a test }
  third:
    host: third.example
    upstream: http://[::1]:8081
    rules:
      - { path: /a, methods: [GET], require: anonymous(), because: a test }
`;

const CHECK: Readonly<Record<ServerFront, (folder: string) => readonly string[]>> = {
  nginx: (folder) => [
    '-t',
    '-c',
    join(folder, 'nginx.conf'),
    '-p',
    folder,
    '-e',
    'stderr',
    '-g',
    `pid ${join(folder, 'pid')};`,
  ],
  haproxy: (folder) => ['-c', '-f', join(folder, 'haproxy.cfg')],
  caddy: (folder) => ['validate', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
};

describe.each<ServerFront>(['nginx', 'haproxy', 'caddy'])('the configuration of %s', (front) => {
  const missing = whyNot(front);
  const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

  it.skipIf(missing !== undefined).each<[string, ServerConfigurationOptions]>([
    ['the defaults', {}],
    ['a Unix socket', { service: 'unix:/tmp/entra-guard-never.sock' }],
    ['IPv6', { service: '[::1]:4180', server: '[::1]:8089' }],
    ['a name and a port for all', { service: 'localhost:4180', server: '0.0.0.0:8089' }],
  ])(`is accepted by it, with %s${skipped}`, (_, options) => {
    const folder = mkdtempSync(join(tmpdir(), 'entra-guard-variant-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const policy = readPolicy(TEXT, { env: {} });
    for (const { name, text } of serverConfiguration(policy, front, options))
      writeFileSync(join(folder, name), text);
    const { status, stderr, stdout } = spawnSync(front, CHECK[front](folder), {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  it.skipIf(missing !== undefined)(
    `asks a service on a Unix socket${skipped}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'entra-guard-variant-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const place = await frontOf(front, { listen: `unix:${join(folder, 'gate.sock')}` });
      onTestFinished(() => place.close());
      // The server may run as another user, who has to reach the socket.
      chmodSync(folder, 0o755);
      chmodSync(join(folder, 'gate.sock'), 0o666);
      const token = place.entra.user('ada', { scp: 'Orders.Read' }).token;
      const ask = (...headers: (readonly [string, string])[]) =>
        sendRaw(place.port, request('GET /orders/42', [['Host', HOST], ...headers]));
      expect((await ask(['Authorization', `Bearer ${token}`])).status).toBe(200);
      expect((await ask()).status).toBe(401);
    },
    60_000,
  );
});

describe('a configuration', () => {
  const policy = readPolicy(TEXT, { env: {} });

  it.each<[string, ServerConfigurationOptions, RegExp]>([
    ['apache', {}, /There is no configuration for 'apache'/],
    ['nginx', { service: 'here' }, /service is not an address/],
    ['nginx', { server: 'unix:/tmp/x' }, /server is a Unix socket/],
    ['nginx', { sevice: 'x' } as never, /Did you mean 'service'/],
    ['traefik', { service: 'unix:/tmp/x' }, /which Traefik can not ask/],
  ])('is refused for %s with %j', (server, options, words) => {
    expect(() => serverConfiguration(policy, server as never, options)).toThrow(words);
  });
});
