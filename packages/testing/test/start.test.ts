import { once } from 'node:events';
import { request } from 'node:http';
import { globalAgent } from 'node:https';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEntra } from '../src/index.js';
import { localhostCertificate } from '../src/transport/localhost-certificate.js';
import { namesOf } from './read-token.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a local Entra', () => {
  it('does not start in production without dangerouslyAllowProduction', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(startEntra()).rejects.toMatchObject({ code: 'production_refused' });
    const entra = await startEntra({ dangerouslyAllowProduction: true });
    await entra.close();
  });

  it('refuses unknown options and invalid values', async () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ app: {} }, /no option "app"/],
      [{ port: 70_000 }, /port is 70000/],
      [{ tls: true }, /tls is set without a port/],
      [{ tenants: [] }, /tenants is empty/],
      [{ pages: 'yes' }, /pages is yes/],
    ];
    for (const [options, message] of wrong) await expect(startEntra(options)).rejects.toThrow(message);
  });

  it('reports that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startEntra({ port })).rejects.toMatchObject({
      code: 'port_taken',
      message: `Port ${port} is taken by another process. Choose another one, or 0 for any free one.`,
    });
    other.close();
  });

  it('listens on 127.0.0.1 only', async () => {
    const entra = await startEntra({ port: 0 });
    const port = Number(new URL(entra.origin).port);
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of own) {
      const socket = connect(port, address);
      const outcome = await Promise.race([
        once(socket, 'connect').then(() => 'connected'),
        once(socket, 'error').then(() => 'refused'),
      ]).catch(() => 'refused');
      socket.destroy();
      expect(outcome).toBe('refused');
    }
    await entra.close();
  });

  it('does not answer a request for another host name that resolves to it', async () => {
    const entra = await startEntra({ port: 0 });
    const { port } = new URL(entra.origin);
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/common/discovery/keys',
      headers: { host: 'evil.example' },
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(421);
    await entra.close();
  });

  it('in process never uses the network: another host is refused', async () => {
    const entra = await startEntra();
    const network = vi.spyOn(globalThis, 'fetch');
    await expect(entra.fetch('https://management.azure.com/subscriptions')).rejects.toMatchObject({
      code: 'host_not_answered',
      message: expect.stringContaining('https://login.microsoftonline.com'),
    });
    expect(network).not.toHaveBeenCalled();
    network.mockRestore();
    await entra.close();
  });

  it('in process gives a validator the tenant, the client ID the fetch and the clock, and nothing else', async () => {
    const entra = await startEntra();
    expect(namesOf(entra.options())).toEqual(new Set(['clientId', 'fetch', 'now', 'tenantId']));
    expect(entra.options().tenantId).toBe(entra.tenantId);
    await entra.close();
  });

  it('on a port gives a validator the authority, and over TLS a fetch that trusts its certificate', async () => {
    const [http, tls] = await Promise.all([startEntra({ port: 0 }), startEntra({ port: 0, tls: true })]);
    expect(http.options()).toEqual({
      authority: `${http.origin}/${http.tenantId}/v2.0`,
      clientId: http.clientIdOf('api'),
      now: http.now,
    });
    expect(http.origin).toMatch(/^http:\/\/localhost:\d+$/);
    const { authority, fetch: reach } = tls.options();
    expect(authority).toMatch(/^https:\/\/localhost:\d+\//);
    expect((await reach?.(`${authority}/.well-known/openid-configuration`))?.status).toBe(200);
    await expect(fetch(`${authority}/.well-known/openid-configuration`)).rejects.toThrow(TypeError);
    expect(tls.certificate).toContain('BEGIN CERTIFICATE');
    await Promise.all([http.close(), tls.close()]);
  });

  it('is trusted over TLS whatever certificates the process trusts', async () => {
    const entra = await startEntra({ port: 0, tls: true });
    globalAgent.options.ca = [];
    const answer = entra.fetch(`${entra.authority}/.well-known/openid-configuration`);
    const { status } = await answer.finally(() => {
      delete globalAgent.options.ca;
    });
    expect(status).toBe(200);
    await entra.close();
  });

  it('uses TLS with a given certificate', async () => {
    const entra = await startEntra({ port: 0, tls: { ...localhostCertificate } });
    expect(entra.certificate).toBe(localhostCertificate.cert);
    expect((await entra.fetch(`${entra.authority}/.well-known/openid-configuration`)).status).toBe(200);
    await expect(entra.fetch('https://localhost:1/')).rejects.toMatchObject({ code: 'host_not_answered' });
    await entra.close();
  });

  it('is closed at the end of its scope, and may be closed twice', async () => {
    const entra = await startEntra({ port: 0 });
    await entra[Symbol.asyncDispose]();
    await entra.close();
    await expect(fetch(entra.origin)).rejects.toThrow(TypeError);
  });

  it('prints nothing', async () => {
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    const entra = await startEntra({ port: 0 });
    await entra.fetch(`${entra.origin}/nowhere`);
    await entra.close();
    for (const stream of written) expect(stream).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
