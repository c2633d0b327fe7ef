import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import {
  allOf,
  anonymous,
  authOf,
  check,
  entraGuard,
  type LogEntry,
  memoryRevocations,
  scopes,
  userOf,
} from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { refuseUpgrade } from '../../../packages/express/src/connections/refuse-upgrade.js';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());
afterEach(() => {
  vi.useRealTimers();
});

const because = 'left the company';
const read = scopes('Orders.Read');
const reader = (scp = 'Orders.Read', name = 'ada') => entra.user(name, { scp });

interface Setting {
  readonly requirement?: Parameters<ReturnType<typeof entraGuard>['upgrade']>[0];
  /** Whether the WebSocket is handed to `whileAllowed`. Default: yes. */
  readonly closes?: boolean;
  readonly options?: object;
  readonly accept?: () => void;
}

/** A server of `ws` behind a guard, which answers each message with who sent it. */
async function serving({ requirement = read, closes = true, options = {}, accept }: Setting = {}) {
  const revocations = memoryRevocations({ margin: 0 });
  const log: LogEntry[] = [];
  const guard = entraGuard({
    ...guardOptions(entra),
    revocations,
    log: (entry: LogEntry) => log.push(entry),
    ...options,
  });
  const wss = new WebSocketServer({ noServer: true });
  const accepted: { request: IncomingMessage; ws: WebSocket; signal?: AbortSignal; heard: string[] }[] = [];
  const server = createServer();
  server.on(
    'upgrade',
    guard.upgrade(requirement, (request, socket, head) => {
      accept?.();
      wss.handleUpgrade(request, socket, head, (ws) => {
        const heard: string[] = [];
        const signal = closes ? { signal: guard.whileAllowed(request, ws) } : {};
        accepted.push({ request, ws, heard, ...signal });
        ws.on('message', (data) => {
          heard.push(String(data));
          ws.send(authOf(request)?.objectId ?? 'a caller without a token');
        });
      });
    }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    await guard.close();
    for (const { ws } of accepted) ws.terminate();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { guard, revocations, accepted, log, port, server };
}

/** A WebSocket that is open. */
async function connected(
  port: number,
  headers: Readonly<Record<string, string>>,
  protocols: readonly string[] = [],
) {
  const client = new WebSocket(`ws://127.0.0.1:${port}/feed`, [...protocols], { headers });
  onTestFinished(() => client.terminate());
  const closed = once(client, 'close').then(([code, reason]) => `${code} ${reason}`);
  await once(client, 'open');
  return { client, closed };
}

async function answerTo(client: WebSocket, message = 'who am I?'): Promise<string> {
  const answer = once(client, 'message');
  client.send(message);
  const [data] = await answer;
  return String(data);
}

const handshake = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };

function asking(port: number, headers: Readonly<Record<string, string | readonly string[]>>) {
  const key = Buffer.alloc(16).toString('base64');
  return ask({
    port,
    host: '127.0.0.1',
    path: '/feed',
    agent: false,
    headers: { ...handshake, 'Sec-WebSocket-Key': key, ...headers },
  });
}

/** The HTTP answer to a refused upgrade, read until the server closes the connection. */
async function refusal(port: number, headers: Readonly<Record<string, string>>) {
  const outgoing = asking(port, headers).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
}

/** A client that has asked for an upgrade, and then does as it likes. */
async function upgraded(port: number): Promise<Socket> {
  const outgoing = asking(port, reader().headers).end();
  const [, socket] = (await once(outgoing, 'upgrade')) as [unknown, Socket];
  onTestFinished(() => void socket.destroy());
  return socket;
}

const revokes = (revocations: { revoke: ReturnType<typeof memoryRevocations>['revoke'] }, name = 'ada') =>
  revocations.revoke({ user: entra.objectIdOf(name), tenantId: entra.tenantId }, { because });

describe('a WebSocket behind a guard', () => {
  it('opens for a caller who satisfies the requirement, and knows the caller', async () => {
    const { port, accepted } = await serving();
    const { client } = await connected(port, reader().headers);
    expect(await answerTo(client)).toBe(entra.objectIdOf('ada'));
    expect(accepted[0]?.request).toMatchObject({ auth: { kind: 'user' } });
  });

  it.each<[string, () => Readonly<Record<string, string>>, number, string, string | undefined]>([
    ['no token', () => ({}), 401, 'credentials_missing', 'Bearer realm="'],
    ['too few permissions', () => reader('Orders.Write').headers, 403, 'scope_missing', 'insufficient_scope'],
    ['a bad token', () => entra.wrong.expired().headers, 401, 'token_expired', 'invalid_token'],
    [
      'two tokens',
      () => ({ ...reader().headers, 'Sec-WebSocket-Protocol': `entra-guard.bearer.${reader().token}` }),
      400,
      'credentials_malformed',
      'invalid_request',
    ],
  ])('answers a request with %s as the guard does', async (_, headers, status, code, challenge) => {
    const { port, accepted } = await serving();
    const answer = await refusal(port, headers());
    expect(answer).toMatchObject({
      status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'www-authenticate': expect.stringContaining(challenge ?? ''),
        connection: 'close',
      },
      body: { status, code },
    });
    expect(accepted).toEqual([]);
  });

  it('answers 503 with the time to wait while keys are unavailable', async () => {
    const away = await startEntra({ apps: registrations });
    onTestFinished(() => away.close());
    away.fail('keys', 503);
    away.fail('metadata', 503);
    const { port } = await serving({ options: { ...guardOptions(away), log: false } });
    const { headers } = away.user('ada', { scp: 'Orders.Read' });
    expect(await refusal(port, headers)).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: { code: 'keys_unavailable' },
    });
  });

  it('closes with the code of the refusal as soon as its caller is revoked, and those of others stay', async () => {
    const { port, revocations, accepted } = await serving();
    const ada = await connected(port, reader().headers);
    const grace = await connected(port, reader('Orders.Read', 'grace').headers);
    await revokes(revocations);
    expect(await ada.closed).toBe('4401 token_revoked');
    expect(await answerTo(grace.client)).toBe(entra.objectIdOf('grace'));
    expect(accepted[0]?.signal?.reason).toMatchObject({ code: 'token_revoked' });
    expect(accepted[1]?.signal?.aborted).toBe(false);
  });

  it('closes when the token expires', async () => {
    let now = Date.now();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { port, accepted } = await serving({ options: { now: () => now } });
    const { closed } = await connected(port, reader().headers);
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    now += 3 * 3_600_000;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await closed).toBe('4401 token_expired');
  });

  it('that the guard was not told of is cut off', async () => {
    const { port, revocations } = await serving({ closes: false });
    const { closed, client } = await connected(port, reader().headers);
    expect(await answerTo(client)).toBe(entra.objectIdOf('ada'));
    await revokes(revocations);
    expect(await closed).toBe('1006 ');
  });

  it('says that it goes away when the guard is closed', async () => {
    const { port, guard } = await serving();
    const { closed, client } = await connected(port, reader().headers);
    await answerTo(client);
    await guard.close();
    expect(await closed).toBe('1001 ');
  });

  it('is cut off and not listened to, if its client does not close it', async () => {
    const { port, revocations, accepted } = await serving();
    const socket = await upgraded(port);
    const message = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    socket.write(message);
    await vi.waitFor(() => expect(accepted[0]?.heard).toEqual(['hi']));
    socket.resume();
    const closed = once(socket, 'close');
    await revokes(revocations);
    socket.write(message);
    await closed;
    expect(accepted[0]?.heard).toEqual(['hi']);
  });

  it('lets its signal abort when the client goes away', async () => {
    const { port, accepted } = await serving();
    const { client } = await connected(port, reader().headers);
    await answerTo(client);
    const signal = accepted[0]?.signal as AbortSignal;
    const aborted = once(signal, 'abort');
    client.terminate();
    await aborted;
    expect(signal.reason).toMatchObject({ message: 'The connection is closed.' });
  });

  it('is closed at once, if its caller was revoked while a library took it over', async () => {
    const { port, revocations } = await serving({
      accept: () => void revokes(revocations),
    });
    const client = new WebSocket(`ws://127.0.0.1:${port}/feed`, { headers: reader().headers });
    client.on('error', () => {});
    const [code] = await once(client, 'close');
    expect([4401, 1006]).toContain(code);
  });
});

describe('a token that is offered as a sub-protocol', () => {
  const offered = () => `entra-guard.bearer.${reader().token}`;

  it('is accepted, and never chosen or shown', async () => {
    const { port, accepted } = await serving();
    const { client } = await connected(port, {}, [offered(), 'orders.v1']);
    expect(client.protocol).toBe('orders.v1');
    expect(await answerTo(client)).toBe(entra.objectIdOf('ada'));
    expect(accepted[0]?.request.headers['sec-websocket-protocol']).toBe('orders.v1');
  });

  it('alone leaves the connection without a sub-protocol', async () => {
    const { port, accepted } = await serving();
    const outgoing = asking(port, { 'Sec-WebSocket-Protocol': offered() }).end();
    const [response, socket] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket];
    socket.destroy();
    expect(response.headers).not.toHaveProperty('sec-websocket-protocol');
    expect(accepted[0]?.request.headers).not.toHaveProperty('sec-websocket-protocol');
  });

  it('closes with its caller, too', async () => {
    const { port, revocations } = await serving();
    const { client, closed } = await connected(port, {}, ['orders.v1', offered()]);
    await answerTo(client);
    await revokes(revocations);
    expect(await closed).toBe('4401 token_revoked');
  });

  it('is not chosen where no token is needed', async () => {
    const { port } = await serving({ requirement: anonymous(), closes: false });
    const { client } = await connected(port, {}, [offered(), 'orders.v1']);
    expect(client.protocol).toBe('orders.v1');
    expect(await answerTo(client)).toBe('a caller without a token');
  });

  it("leads to the application's user", async () => {
    const loadUser = ({ auth }: { auth: { objectId?: string } }) => Promise.resolve({ id: auth.objectId });
    const { port, accepted } = await serving({ options: { loadUser } });
    const { client } = await connected(port, {}, [offered(), 'orders.v1']);
    await answerTo(client);
    expect(await userOf(accepted[0]?.request as IncomingMessage)).toEqual({ id: entra.objectIdOf('ada') });
  });
});

describe('a request for an upgrade', () => {
  /** A requirement that waits until the test lets it go on. */
  function waiting() {
    let goOn = (): void => {};
    let begun = (): void => {};
    const waits = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const began = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const requirement = allOf(
      read,
      check('waits', async () => {
        begun();
        await waits;
        return true;
      }),
    );
    return { requirement, goOn: () => goOn(), began };
  }

  it('is not handed over after its client has gone, which ends no process', async () => {
    const { requirement, goOn, began } = waiting();
    const taken = vi.fn();
    const { port, server } = await serving({ requirement, accept: taken });
    const connection = once(server, 'connection') as unknown as Promise<[Socket]>;
    const outgoing = asking(port, reader().headers);
    outgoing.on('error', () => {}).end();
    const [serverSide] = await connection;
    const closed = new Promise((resolve) => serverSide.on('close', resolve));
    await began;
    outgoing.socket?.resetAndDestroy();
    serverSide.resume();
    await closed;
    goOn();
    const { client } = await connected(port, reader().headers);
    expect(await answerTo(client)).toBe(entra.objectIdOf('ada'));
    expect(taken).toHaveBeenCalledOnce();
  });

  it('that the application fails to take is closed and logged', async () => {
    const { port, log } = await serving({
      accept: () => {
        throw new TypeError('no room');
      },
    });
    const outgoing = asking(port, reader().headers).end();
    await once(outgoing, 'error');
    expect(log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        cause: 'TypeError: no room',
        handler: 'WebSocket connection',
      }),
    );
  });

  it('is not answered with headers that would begin another answer', async () => {
    const written: string[] = [];
    const socket = new Duplex({
      read() {},
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
    const answer = { status: 401, headers: { 'WWW-Authenticate': 'Bearer\r\nSet-Cookie: a=b' }, body: {} };
    refuseUpgrade({ method: 'GET' } as IncomingMessage, socket, answer as never);
    expect(socket.destroyed).toBe(true);
    expect(written).toEqual([]);
    expect(() => refuseUpgrade({ method: 'GET' } as IncomingMessage, socket, answer as never)).not.toThrow();
  });

  it('whose client does not read the answer is cut off', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const socket = new Duplex({ read() {}, write() {} });
    const answer = { status: 401, headers: {}, body: {} };
    refuseUpgrade({ method: 'GET' } as IncomingMessage, socket, answer as never);
    expect(socket.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket.destroyed).toBe(true);
  });

  it.each([null, undefined, {}])('needs a function that takes it, and not %j', (accept) => {
    const guard = entraGuard(guardOptions(entra));
    expect(() => guard.upgrade(read, accept as never)).toThrow(/accept/);
  });
});

it.each([{}, { close: () => {} }])('whileAllowed refuses what is not a connection', (connection) => {
  const guard = entraGuard(guardOptions(entra));
  const request = { headers: {}, method: 'GET' } as IncomingMessage;
  expect(() => guard.whileAllowed(request, connection as never)).toThrow(/not a connection/);
});
