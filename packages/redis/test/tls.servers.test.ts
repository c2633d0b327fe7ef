import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as IoRedis } from 'ioredis5';
import { createClient } from 'redis6';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../scripts/free-port.mjs';
import { localhostCertificate } from '../../testing/src/transport/localhost-certificate.js';
import { type RedisClient, redisRevocations } from '../src/index.js';
import { RedisServer, whyNot } from './support/redis-server.js';
import { because, closeAfterAll, closeLater, eventually, target, verdict } from './support/stores.js';

const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

/** A server that speaks TLS on a port of its own. */
async function secureServer(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-tls-'));
  closeLater(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const port = await freePort();
  const cert = file('cert.pem', localhostCertificate.cert);
  const key = file('key.pem', localhostCertificate.key);
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const server = await RedisServer.start('--tls-port', String(port), ...files, '--tls-auth-clients', 'no');
  closeLater(() => server.close());
  return port;
}

const trusting = { ca: localhostCertificate.cert };

const clients: Readonly<Record<string, (port: number, tls: object) => RedisClient>> = {
  'redis 6': (port, tls) => {
    const client = createClient({ socket: { host: 'localhost', port, tls: true, ...tls } });
    client.on('error', () => {});
    void client.connect().catch(() => {});
    closeLater(() => client.destroy());
    return client;
  },
  'ioredis 5': (port, tls) => {
    const client = new IoRedis({ host: 'localhost', port, tls });
    client.on('error', () => {});
    closeLater(() => client.disconnect());
    return client;
  },
};

describe.skipIf(whyNot !== undefined).each(Object.keys(clients))(
  `revocations over TLS, with %s${why}`,
  (name) => {
    closeAfterAll();
    const connect = clients[name] as (typeof clients)[string];
    const store = (client: RedisClient, startTimeout: '10s' | '1s' = '10s') => {
      const revocations = redisRevocations(client, {
        whenStale: 'refuse',
        margin: 0,
        startTimeout,
        log: false,
      });
      closeLater(() => revocations.close());
      return revocations;
    };

    it('are shared, on the second connection too', async () => {
      const port = await secureServer();
      const [one, other] = [store(connect(port, trusting)), store(connect(port, trusting))];
      await Promise.all([one.ready(), other.ready()]);
      await one.revoke(target(1), { because });
      await eventually(() => expect(verdict(other, 1)).toBe('revoked'));
    }, 30_000);

    it('are not read from a server whose certificate is not trusted', async () => {
      const revocations = store(connect(await secureServer(), {}), '1s');
      await expect(revocations.ready()).rejects.toMatchObject({ code: 'revocations_unavailable' });
      expect(verdict(revocations, 1)).toBe('revocations_unavailable');
    }, 30_000);
  },
);
