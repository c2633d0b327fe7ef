import 'reflect-metadata';
import {
  assertCovered,
  ConfigurationError,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  OpenRights,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import {
  guardConnections,
  TOKEN_PROTOCOL,
  type WebSocketContextOptions,
  webSocketContext,
} from '@entra-guard/nestjs/websockets';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get, Injectable, type Type, UseGuards } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import { freePort } from '../../../scripts/free-port.mjs';
import { bootFailure, serve } from '../nest/platforms.js';
import { adapterFor } from './hosts/websockets.js';

let entra: LocalEntra;
let revoked: boolean;
let hookFails: boolean;
beforeEach(async () => {
  entra = await startEntra();
  revoked = false;
  hookFails = false;
});
afterEach(async () => {
  vi.useRealTimers();
  await entra.close();
});

function isRevoked(): boolean {
  if (hookFails) throw new Error('The list of revoked tokens can not be read.');
  return revoked;
}

@WebSocketGateway()
@UseGuards(EntraGuard)
@RequireScopes('Read')
class OrdersGateway {
  @WebSocketServer() readonly server!: { emit(event: string): void };
  @SubscribeMessage('read') read() {
    return { event: 'read', data: 'order' };
  }
}

function metadata(
  providers: Type[],
  context: WebSocketContextOptions = {},
  extras: Partial<EntraGuardModuleOptions> = {},
) {
  const contexts = [webSocketContext(context)];
  const options = { ...entra.options(), log: false, contexts, isRevoked, ...extras };
  return { imports: [EntraGuardModule.forRoot(options as EntraGuardModuleOptions)], providers };
}

async function start(library: 'ws' | 'socket.io', context: WebSocketContextOptions = {}) {
  const { app, origin } = await serve('express', metadata([OrdersGateway], context), (created) => {
    created.useWebSocketAdapter(guardConnections(created, adapterFor(library, created)));
  });
  return { app, origin, rights: app.get(OpenRights) };
}

interface Opened {
  readonly socket: WebSocket;
  readonly messages: unknown[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** A client of `ws` once it is open; rejects with the status of a refusal. */
function open(origin: string, protocols: string[], headers: Record<string, string> = {}): Promise<Opened> {
  const socket = new WebSocket(origin.replace('http', 'ws'), protocols, { headers });
  onTestFinished(() => socket.terminate());
  const messages: unknown[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, messages, closed }));
    socket.on('unexpected-response', (_, { statusCode, headers: answered }) =>
      reject(
        Object.assign(new Error('refused'), { status: statusCode, challenge: answered['www-authenticate'] }),
      ),
    );
    socket.on('error', reject);
  });
}

function connect(origin: string, options: Parameters<typeof io>[1]): Promise<Socket> {
  const socket = io(origin, { transports: ['websocket'], reconnection: false, forceNew: true, ...options });
  onTestFinished(() => void socket.disconnect());
  return new Promise((resolve, reject) => {
    socket.on('connect', () => resolve(socket));
    socket.on('connect_error', reject);
  });
}

const reader = () => entra.user('ada', { scp: 'Read' });

describe('connections of ws', () => {
  it('a refusal is an ordinary HTTP answer, with its challenge', async () => {
    const { origin } = await start('ws');
    await expect(open(origin, [])).rejects.toMatchObject({
      status: 401,
      challenge: expect.stringMatching(/^Bearer realm="[^"]*"$/),
    });
    await expect(open(origin, [], entra.wrong.expired().headers)).rejects.toMatchObject({
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"'),
    });
    entra.fail('keys', 503);
    await expect(open(origin, [], reader().headers)).rejects.toMatchObject({ status: 503 });
  });

  it('a token in a sub-protocol is taken, and never sent back', async () => {
    const { origin } = await start('ws');
    const { token } = reader();
    for (const protocols of [
      [`${TOKEN_PROTOCOL}${token}`, 'orders.v1'],
      ['orders.v1', `${TOKEN_PROTOCOL}${token}`],
    ]) {
      const { socket, messages } = await open(origin, protocols);
      expect(socket.protocol).toBe('orders.v1');
      socket.send(JSON.stringify({ event: 'read' }));
      await vi.waitUntil(() => messages.length > 0);
      expect(messages).toEqual([{ event: 'read', data: 'order' }]);
    }
  });

  it.each<[string, () => { headers?: Record<string, string>; protocols: string[] }]>([
    [
      'a token in the header and in a sub-protocol',
      () => ({ headers: reader().headers, protocols: [`${TOKEN_PROTOCOL}${reader().token}`, 'a'] }),
    ],
    [
      'two sub-protocols with a token',
      () => ({ protocols: [`${TOKEN_PROTOCOL}${reader().token}`, `${TOKEN_PROTOCOL}x`, 'a'] }),
    ],
    ['a sub-protocol with an empty token', () => ({ protocols: [TOKEN_PROTOCOL, 'a'] })],
  ])('%s is refused as malformed', async (_, given) => {
    const { origin } = await start('ws', { anonymousConnections: true });
    const { headers, protocols } = given();
    await expect(open(origin, protocols, headers)).rejects.toMatchObject({ status: 400 });
  });

  it('a bad token is refused where none would be fine', async () => {
    const { origin } = await start('ws', { anonymousConnections: true });
    await open(origin, []);
    await expect(open(origin, [], entra.wrong.expired().headers)).rejects.toMatchObject({ status: 401 });
  });
});

describe('connections of socket.io', () => {
  it.each([
    ['the header', () => ({ extraHeaders: reader().headers })],
    ['auth.token', () => ({ auth: { token: reader().token } })],
  ])('take the token from %s', async (_, options) => {
    const { origin } = await start('socket.io');
    const socket = await connect(origin, options());
    const answered = new Promise((resolve) => socket.on('read', resolve));
    socket.emit('read');
    expect(await answered).toBe('order');
  });

  it.each([
    ['no token', () => ({}), 'credentials_missing'],
    ['an expired one', () => ({ auth: { token: entra.wrong.expired().token } }), 'token_expired'],
    [
      'one in two places',
      () => ({ auth: { token: reader().token }, extraHeaders: reader().headers }),
      'credentials_malformed',
    ],
    ['one that is not text', () => ({ auth: { token: { a: 1 } } }), 'credentials_malformed'],
  ])('%s is refused with its code', async (_, options, code) => {
    const { origin } = await start('socket.io');
    await expect(connect(origin, options())).rejects.toMatchObject({ data: { code } });
  });
});

describe('an open connection', () => {
  const inSomeHours = 3 * 60 * 60_000;

  it('of ws closes when its token expires, and nothing is pushed afterwards', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() });
    const { origin, rights } = await start('ws');
    const { closed } = await open(origin, [], reader().headers);
    expect(rights.size).toBe(1);
    await vi.advanceTimersByTimeAsync(inSomeHours);
    expect(await closed).toEqual({ code: 4401, reason: 'token_expired' });
    expect(rights.size).toBe(0);
  });

  it('of socket.io closes when its token expires, and the client is told why', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const { app, origin, rights } = await start('socket.io');
    const socket = await connect(origin, { auth: { token: reader().token } });
    const heard: string[] = [];
    const told = new Promise((resolve) => socket.on('exception', resolve));
    socket.on('pushed', () => heard.push('pushed'));
    const gone = new Promise((resolve) => socket.on('disconnect', resolve));
    vi.setSystemTime(Date.now() + inSomeHours);
    await rights.recheck();
    app.get(OrdersGateway).server.emit('pushed');
    expect(await told).toMatchObject({ code: 'token_expired', status: 401 });
    expect(await gone).toBe('io server disconnect');
    expect(heard).toEqual([]);
    expect(rights.size).toBe(0);
  });

  it.each(['ws', 'socket.io'] as const)('of %s closes when its token is revoked', async (library) => {
    const { origin, rights } = await start(library);
    let closed: Promise<unknown>;
    if (library === 'ws') {
      ({ closed } = await open(origin, [], reader().headers));
    } else {
      const socket = await connect(origin, { extraHeaders: reader().headers });
      closed = new Promise((resolve) => socket.on('exception', resolve));
    }
    await vi.waitUntil(() => rights.size === 1);
    await rights.recheck();
    expect(rights.size).toBe(1);
    revoked = true;
    await rights.recheck();
    expect(rights.size).toBe(0);
    expect(JSON.stringify(await closed)).toContain('token_revoked');
  });

  it('is looked at again each minute, and a message is judged at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { origin } = await start('ws');
    const { socket, messages, closed } = await open(origin, [], reader().headers);
    revoked = true;
    socket.send(JSON.stringify({ event: 'read' }));
    await vi.waitUntil(() => messages.length > 0);
    expect(messages).toMatchObject([{ event: 'exception', data: { code: 'token_revoked', status: 401 } }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await closed).toEqual({ code: 4401, reason: 'token_revoked' });
  });

  it('closes with "try again later" while it is unknown whether the right has ended', async () => {
    const { origin, rights } = await start('ws', {});
    const { closed } = await open(origin, [], reader().headers);
    hookFails = true;
    await rights.recheck();
    expect((await closed).code).toBe(1013);
  });

  it('is forgotten when the client leaves', async () => {
    const { origin, rights } = await start('ws');
    const { socket } = await open(origin, [], reader().headers);
    socket.close();
    await vi.waitUntil(() => rights.size === 0);
    expect(rights.size).toBe(0);
  });
});

describe('at boot', () => {
  @WebSocketGateway()
  @RequireScopes('Read')
  class BareGateway {
    @SubscribeMessage('read') read(): void {}
  }

  @WebSocketGateway()
  class PushingGateway {}

  const guarded = (provider: Type, extras: Partial<EntraGuardModuleOptions> = {}) =>
    bootFailure(metadata([provider], {}, extras), (app) =>
      app.useWebSocketAdapter(guardConnections(app, adapterFor('ws', app))),
    );

  it('a gateway that global guards do not reach is covered by the guard of what it declares', async () => {
    expect(await guarded(BareGateway)).toBeUndefined();
  });

  it('a gateway with unguarded connections is refused, also one that only pushes', async () => {
    for (const gateway of [OrdersGateway, PushingGateway]) {
      expect(String(await bootFailure(metadata([gateway])))).toContain(
        `${gateway.name} (its connections). Before it starts, call app.useWebSocketAdapter(guardConnections(`,
      );
    }
    expect(await guarded(PushingGateway)).toBeUndefined();
  });

  it('guardConnections alone is not enough: the application has to use what it gives', async () => {
    const failure = await bootFailure(metadata([OrdersGateway]), (app) => {
      guardConnections(app, adapterFor('ws', app));
      app.useWebSocketAdapter(adapterFor('ws', app));
    });
    expect(String(failure)).toContain('OrdersGateway (its connections). Before it starts, call');
  });

  it('assertCovered does not wait for what happens when the application starts', async () => {
    const started = await serve('express', metadata([OrdersGateway]), (app) => {
      expect(() => assertCovered(app)).toThrow(/OrdersGateway \(its connections\)/);
      app.useWebSocketAdapter(guardConnections(app, adapterFor('ws', app)));
      assertCovered(app);
    });
    assertCovered(started.app);
  });

  it('a gateway whose context is not registered is refused', async () => {
    const failure = await bootFailure(metadata([OrdersGateway], {}, { contexts: [] }));
    expect(String(failure)).toContain(
      "OrdersGateway.read (message 'read'), OrdersGateway (its connections). Give EntraGuardModule contexts: [webSocketContext()]",
    );
  });

  it('guardConnections says so where the module does not know gateways', async () => {
    await expect(
      serve('express', metadata([], {}, { contexts: [] }), (app) => {
        guardConnections(app, adapterFor('ws', app));
      }),
    ).rejects.toThrow(/Give it contexts: \[webSocketContext\(\)\]/);
  });

  it('a class that is a controller and a gateway is looked at as both', async () => {
    @Controller('orders')
    @WebSocketGateway()
    @RequireScopes('Read')
    class BothController {
      @Get() list(): void {}
      @SubscribeMessage('read') read(): void {}
    }
    const failure = await bootFailure(
      { ...metadata([BothController]), controllers: [BothController] },
      (app) => app.useWebSocketAdapter(guardConnections(app, adapterFor('ws', app))),
    );
    expect(failure).toBeUndefined();
  });

  it('recovery of connections by socket.io is refused: it sends what was missed before anything is judged', async () => {
    @WebSocketGateway({ connectionStateRecovery: {} } as never)
    @UseGuards(EntraGuard)
    @RequireScopes('Read')
    class RecoveringGateway {
      @SubscribeMessage('read') read(): void {}
    }
    class RecoveringAdapter extends IoAdapter {
      override createIOServer(...[port, options]: Parameters<IoAdapter['createIOServer']>) {
        return super.createIOServer(port, { ...options, connectionStateRecovery: {} } as never);
      }
    }
    const byOption = await bootFailure(metadata([RecoveringGateway]), (app) =>
      app.useWebSocketAdapter(guardConnections(app, adapterFor('socket.io', app))),
    );
    const byAdapter = await bootFailure(metadata([OrdersGateway]), (app) =>
      app.useWebSocketAdapter(guardConnections(app, new RecoveringAdapter(app))),
    );
    for (const failure of [byOption, byAdapter]) {
      expect(ConfigurationError.is(failure)).toBe(true);
      expect(String(failure)).toContain('connectionStateRecovery');
    }
  });

  it.each(['ws', 'socket.io'] as const)(
    'a gateway of %s on a separate port admits no client where the application is refused',
    async (library) => {
      const port = await freePort();
      @WebSocketGateway(port)
      @UseGuards(EntraGuard)
      @RequireScopes('Read')
      class OwnPortGateway {
        @SubscribeMessage('read') read(): void {}
      }
      @Injectable()
      class LostDeclaration {
        @RequireScopes('Read') work(): void {}
      }
      const failure = await bootFailure(metadata([OwnPortGateway, LostDeclaration]), (app) =>
        app.useWebSocketAdapter(guardConnections(app, adapterFor(library, app))),
      );
      expect(String(failure)).toContain('LostDeclaration.work');
      const origin = `http://127.0.0.1:${port}`;
      const entering =
        library === 'ws'
          ? open(origin, [], reader().headers)
          : connect(origin, { auth: { token: reader().token } });
      await expect(entering).rejects.toThrow();
    },
  );

  it('what is public needs no guard', async () => {
    @WebSocketGateway()
    @Public()
    class OpenGateway {
      @SubscribeMessage('open') open(): void {}
    }
    expect(await guarded(OpenGateway)).toBeUndefined();
  });
});
