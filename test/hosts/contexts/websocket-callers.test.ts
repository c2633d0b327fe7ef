import 'reflect-metadata';
import { once } from 'node:events';
import {
  Auth,
  type AuthContext,
  authOf,
  EntraGuard,
  EntraGuardModule,
  OptionalAuth,
  RequireScopes,
} from '@entra-guard/nestjs';
import { guardConnections, webSocketContext } from '@entra-guard/nestjs/websockets';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { type Type, UseGuards } from '@nestjs/common';
import { type OnGatewayConnection, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import { serve } from '../nest/platforms.js';
import { adapterFor } from './hosts/websockets.js';

let entra: LocalEntra;
/** Whom each connection showed, by what stands for it. */
let connected: Record<string, string | undefined>[];
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  connected = [];
});
afterAll(() => entra.close());

const nameOf = (subject: object) => authOf(subject)?.objectId;

interface SocketIo {
  readonly handshake: object;
  readonly request: object;
}

@UseGuards(EntraGuard)
class CallersGateway implements OnGatewayConnection {
  handleConnection(client: object, request?: object): void {
    const { handshake, request: upgrade = request } = client as Partial<SocketIo>;
    connected.push({
      socket: nameOf(client),
      request: upgrade && nameOf(upgrade),
      ...(handshake && { handshake: nameOf(handshake) }),
    });
  }
  @SubscribeMessage('read') @RequireScopes('Read') read(@Auth() auth: AuthContext) {
    return { event: 'read', data: auth.objectId };
  }
  @SubscribeMessage('maybe') @OptionalAuth() maybe(@Auth() auth?: AuthContext) {
    return { event: 'maybe', data: auth?.objectId ?? 'nobody' };
  }
}

@WebSocketGateway()
class RootGateway extends CallersGateway {}

@WebSocketGateway({ namespace: 'other' })
class OtherGateway extends CallersGateway {}

async function start(library: 'ws' | 'socket.io', gateways: Type[] = [RootGateway]): Promise<string> {
  const contexts = [webSocketContext({ anonymousConnections: true })];
  const imports = [EntraGuardModule.forRoot({ ...entra.options(), log: false, contexts })];
  const { origin } = await serve('express', { imports, providers: gateways }, (app) =>
    app.useWebSocketAdapter(guardConnections(app, adapterFor(library, app))),
  );
  return origin;
}

const ada = () => entra.user('ada', { scp: 'Read' });

describe('in handleConnection authOf gives the caller', () => {
  it.each([true, false])('of ws, with a token: %s', async (withToken) => {
    const origin = await start('ws');
    const token = ada();
    const headers = withToken ? token.headers : {};
    const socket = new WebSocket(origin.replace('http', 'ws'), { headers });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    await vi.waitUntil(() => connected.length > 0, { timeout: 5000 });
    const oid = withToken ? String(token.claims.oid) : undefined;
    expect(connected).toEqual([{ socket: oid, request: oid }]);
  });

  it.each([true, false])('of socket.io, with a token: %s', async (withToken) => {
    const origin = await start('socket.io');
    const token = ada();
    const socket = io(origin, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...(withToken ? { auth: { token: token.token } } : {}),
    });
    onTestFinished(() => void socket.disconnect());
    await vi.waitUntil(() => connected.length > 0, { timeout: 5000 });
    const oid = withToken ? String(token.claims.oid) : undefined;
    expect(connected).toEqual([{ socket: oid, request: oid, handshake: oid }]);
    const answered = new Promise((resolve) => {
      socket.on('maybe', resolve);
    });
    socket.emit('maybe', {});
    expect(await answered).toBe(oid ?? 'nobody');
  });

  it('of each namespace of socket.io, and of the request that they share only where it is one', async () => {
    const origin = await start('socket.io', [RootGateway, OtherGateway]);
    const [first, second] = [ada(), entra.user('bob', { scp: 'Read' })];
    const manager = { transports: ['websocket'], reconnection: false, multiplex: true };
    const root = io(origin, { ...manager, auth: { token: first.token } });
    onTestFinished(() => void root.disconnect());
    await vi.waitUntil(() => connected.length === 1, { timeout: 5000 });
    const { oid } = first.claims;
    expect(connected[0]).toEqual({ socket: oid, request: oid, handshake: oid });
    const other = root.io.socket('/other', { auth: { token: second.token } });
    onTestFinished(() => void other.disconnect());
    await vi.waitUntil(() => connected.length === 2, { timeout: 5000 });
    const { oid: ofBob } = second.claims;
    expect(connected[1]).toEqual({ socket: ofBob, request: undefined, handshake: ofBob });
  });
});
