import { describe, expect, it } from 'vitest';
import { clientNames, type Login } from './support/clients.js';
import { type RedisServer, whyNot } from './support/redis-server.js';
import {
  because,
  closeAfterAll,
  eventually,
  newServer,
  readyStore,
  startStore,
  target,
  usedServer,
  verdict,
} from './support/stores.js';

closeAfterAll();
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;

/** The rules in docs/revocation-redis.md. */
const READER = '%R~{entra-guard}:* -@all +hello +ping +info +get +xread +xrange +xrevrange +zscan';
const WRITER =
  '~{entra-guard}:* -@all +hello +ping +info +get +set +xread +xrange +xrevrange +zscan +xadd +zadd +zremrangebyscore +multi +exec';

const reader: Login = { username: 'reader', password: 'of-the-reader' };
const writer: Login = { username: 'writer', password: 'of-the-writer' };

function addUsers(server: RedisServer): void {
  for (const [{ username, password }, rules] of [
    [reader, READER],
    [writer, WRITER],
  ] as const) {
    expect(server.cli('acl', 'setuser', username, 'on', `>${password}`, ...rules.split(' '))).toBe('OK');
  }
}

describe.skipIf(whyNot !== undefined).each(clientNames)(
  `users of Redis, over %s${skipped}`,
  { timeout: 60_000 },
  (name) => {
    it.concurrent('a reader and a writer need no more than the documented rules', async () => {
      const server = await usedServer();
      addUsers(server);
      const a = await readyStore(name, server.port, { login: writer });
      const b = await readyStore(name, server.port, { login: reader });
      const record = await a.revocations.revoke(target(1), { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('revoked'));
      await a.revocations.lift(record.id, { because });
      await eventually(() => expect(verdict(b.revocations, 1)).toBe('accepted'));
      await eventually(() => expect(b.revocations.health()).toMatchObject({ status: 'up' }));
      expect(server.cli('acl', 'log')).toBe('');
    });

    it.concurrent('a writer brings back what Redis has lost', async () => {
      const server = await usedServer();
      addUsers(server);
      const a = await readyStore(name, server.port, { login: writer });
      await a.revocations.revoke(target(1), { because });
      server.cli('del', '{entra-guard}:epoch', '{entra-guard}:state', '{entra-guard}:log');
      const b = await startStore(name, server.port, { login: reader });
      await b.revocations.ready();
      expect(verdict(b.revocations, 1)).toBe('revoked');
    });

    it.concurrent('what a reader revokes holds in its process, and the error says why not elsewhere', async () => {
      const server = await usedServer();
      addUsers(server);
      await readyStore(name, server.port, { login: writer });
      const b = await readyStore(name, server.port, { login: reader });
      await expect(b.revocations.revoke(target(1), { because })).rejects.toMatchObject({
        part: 'revocations',
        message: expect.stringContaining('NOPERM'),
        hint: expect.stringContaining('a process whose Redis user may write'),
      });
      expect(verdict(b.revocations, 1)).toBe('revoked');
      await eventually(() => expect(b.revocations.health()).toMatchObject({ status: 'degraded' }));
    });

    it.concurrent('a reader without a writer is down, and says what to run', async () => {
      const server = await newServer();
      addUsers(server);
      const b = await startStore(name, server.port, { login: reader, startTimeout: 3 });
      await expect(b.revocations.ready()).rejects.toMatchObject({
        message: expect.stringContaining(
          'No writer has started on this prefix. Run: entra-guard revocations init',
        ),
      });
      expect(b.revocations.health()).toMatchObject({ status: 'down' });
    });
  },
);
