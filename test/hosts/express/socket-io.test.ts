import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  anonymous,
  authOf,
  entraGuard,
  type LogEntry,
  memoryRevocations,
  type SocketIoHandshake,
  scopes,
} from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { type Socket as Client, io as connect } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';

/** What the tests use of a server of socket.io. */
interface Namespace {
  use(middleware: (socket: never, next: (error?: Error) => void) => void): Namespace;
  on(event: 'connection', listener: (socket: SocketIoHandshake) => void): void;
}

interface SocketIoServer extends Namespace {
  of(name: string): Namespace;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const { Server: SocketIo } = createRequire(require.resolve('@nestjs/platform-socket.io'))('socket.io') as {
  Server: new (server: Server, options?: object) => SocketIoServer;
};

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());

const read = scopes('Orders.Read');
const because = 'left the company';
const reader = (name = 'ada', scp = 'Orders.Read') => entra.user(name, { scp });

/** A server of socket.io. `prepare` is called before the guard of its main namespace, and `extend` after it. */
async function serving({
  requirement = read as Parameters<ReturnType<typeof entraGuard>['handshake']>[0],
  extend = (_io: SocketIoServer, _revocations: ReturnType<typeof memoryRevocations>): void => {},
  options = {},
} = {}) {
  const revocations = memoryRevocations({ margin: 0 });
  const log: LogEntry[] = [];
  const guard = entraGuard({
    ...guardOptions(entra),
    revocations,
    log: (entry: LogEntry) => log.push(entry),
  });
  const server = createServer();
  const io = new SocketIo(server, options);
  io.use(guard.handshake(requirement));
  extend(io, revocations);
  const connected: SocketIoHandshake[] = [];
  io.on('connection', (socket) => {
    connected.push(socket);
    socket.emit('you', authOf(socket)?.objectId ?? 'a caller without a token');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    await guard.close();
    await io.close();
  });
  return { guard, revocations, log, connected, io, port: (server.address() as AddressInfo).port };
}

function open(port: number, given: object, namespace = '', sharing = false): Client {
  const client = connect(`http://127.0.0.1:${port}${namespace}`, {
    reconnection: false,
    forceNew: !sharing,
    ...given,
  });
  onTestFinished(() => void client.disconnect());
  return client;
}

/** Resolves with the first argument of an event. */
function seen(client: Client, event: string): Promise<unknown> {
  return new Promise((resolve) => client.once(event, resolve));
}

const byPayload = (name?: string, scp?: string) => ({ auth: { token: reader(name, scp).token } });
const byHeader = () => ({ extraHeaders: reader().headers });
const revokes = (revocations: ReturnType<typeof memoryRevocations>, name = 'ada') =>
  revocations.revoke({ user: entra.objectIdOf(name), tenantId: entra.tenantId }, { because });

describe('a client of socket.io behind a guard', () => {
  it.each([
    ['its payload', byPayload],
    ['its header', byHeader],
  ])('connects with a token in %s, and is known', async (_, given) => {
    const { port } = await serving();
    expect(await seen(open(port, given()), 'you')).toBe(entra.objectIdOf('ada'));
  });

  it.each<[string, () => object, number, string]>([
    ['no token', () => ({}), 401, 'credentials_missing'],
    ['too few permissions', () => byPayload('ada', 'Orders.Write'), 403, 'scope_missing'],
    ['a token that is not text', () => ({ auth: { token: 7 } }), 400, 'credentials_malformed'],
    ['a token in both places', () => ({ ...byPayload(), ...byHeader() }), 400, 'credentials_malformed'],
  ])('is refused with %s, and told why', async (_, given, status, code) => {
    const { port, connected } = await serving();
    expect(await seen(open(port, given()), 'connect_error')).toMatchObject({ data: { status, code } });
    expect(connected).toEqual([]);
  });

  it('is told and disconnected as soon as its caller is revoked, and others stay', async () => {
    const { port, revocations, connected } = await serving();
    const ada = open(port, byPayload());
    const grace = open(port, byPayload('grace'));
    await Promise.all([seen(ada, 'you'), seen(grace, 'you')]);
    const told = seen(ada, 'exception');
    const gone = seen(ada, 'disconnect');
    await revokes(revocations);
    expect(await told).toMatchObject({ status: 401, code: 'token_revoked' });
    await gone;
    const still = seen(grace, 'ping');
    for (const socket of connected) socket.emit('ping', 'still here');
    expect(await still).toBe('still here');
  });

  it('that is revoked before other middlewares have let it pass is not connected for long', async () => {
    const { port } = await serving({
      extend: (io, revocations) =>
        void io.use((_socket, next) => {
          revokes(revocations).then(() => next(), next);
        }),
    });
    const client = open(port, byPayload());
    await new Promise<void>((resolve) => {
      client.once('disconnect', () => resolve());
      client.once('connect_error', () => resolve());
      client.io.once('close', () => resolve());
    });
    expect(client.connected).toBe(false);
  });

  it('has a signal, which aborts with its right', async () => {
    const { port, guard, revocations, connected } = await serving();
    await seen(open(port, byPayload()), 'you');
    const [socket] = connected as [SocketIoHandshake];
    const signal = guard.whileAllowed(socket.request, socket);
    expect(guard.whileAllowed(socket.request, socket)).toBe(signal);
    const aborted = once(signal, 'abort');
    await revokes(revocations);
    await aborted;
    expect(signal.reason).toMatchObject({ code: 'token_revoked' });
    expect(guard.whileAllowed(socket.request, socket).aborted).toBe(true);
  });

  it('has a signal, which aborts when it goes away', async () => {
    const { port, guard, connected } = await serving();
    const client = open(port, byPayload());
    await seen(client, 'you');
    const [socket] = connected as [SocketIoHandshake];
    const signal = guard.whileAllowed(socket.request, socket);
    const aborted = once(signal, 'abort');
    client.disconnect();
    await aborted;
    expect(signal.reason).toMatchObject({ message: 'The connection is closed.' });
  });

  it('is disconnected without a word when the guard is closed', async () => {
    const { port, guard } = await serving();
    const client = open(port, byPayload());
    await seen(client, 'you');
    const told: unknown[] = [];
    client.on('exception', (refusal) => told.push(refusal));
    const gone = seen(client, 'disconnect');
    await guard.close();
    await gone;
    expect(told).toEqual([]);
  });

  it('connects without a token where the namespace is open', async () => {
    const { port } = await serving({ requirement: anonymous() });
    expect(await seen(open(port, {}), 'you')).toBe('a caller without a token');
  });

  it('may have another caller for each namespace of one connection', async () => {
    const { port } = await serving({
      extend: (io) => {
        const admin = io.of('/admin');
        const guard = entraGuard(guardOptions(entra));
        admin.use(guard.handshake(read));
        admin.on('connection', (socket) => socket.emit('you', authOf(socket)?.objectId));
      },
    });
    const main = open(port, byPayload(), '', true);
    expect(await seen(main, 'you')).toBe(entra.objectIdOf('ada'));
    const other = open(port, byPayload('grace'), '/admin', true);
    expect(await seen(other, 'you')).toBe(entra.objectIdOf('grace'));
    expect(other.io).toBe(main.io);
  });

  it('is refused by a server that sends what was missed before the token is looked at', async () => {
    const { port, log } = await serving({ options: { connectionStateRecovery: {} } });
    for (const _ of [1, 2]) {
      const refused = seen(open(port, byPayload()), 'connect_error');
      expect(await refused).toMatchObject({ data: { status: 500 } });
    }
    expect(log.filter(({ message }) => message.includes('connectionStateRecovery'))).toHaveLength(1);
  });

  it('that is not guarded is judged once it is watched', async () => {
    const guard = entraGuard(guardOptions(entra));
    const server = createServer();
    const io = new SocketIo(server);
    io.on('connection', (socket) => void guard.whileAllowed(socket.request as IncomingMessage, socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => io.close());
    const told = seen(open((server.address() as AddressInfo).port, {}), 'exception');
    expect(await told).toMatchObject({ code: 'credentials_missing' });
  });
});
