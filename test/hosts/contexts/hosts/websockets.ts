import { EntraGuard, EntraGuardModule } from '@entra-guard/nestjs';
import { guardConnections, TOKEN_PROTOCOL, webSocketContext } from '@entra-guard/nestjs/websockets';
import { type INestApplication, UseGuards, type WebSocketAdapter } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { adapterOf, moduleOf } from '../../nest/platforms.js';
import { handlerClasses, whoIs } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';
import type { Operation, Outcome } from '../rows.js';

type Library = 'socket.io' | 'ws';

export function adapterFor(library: Library, app: INestApplication): WebSocketAdapter {
  return library === 'ws' ? new WsAdapter(app) : new IoAdapter(app);
}

/** Where the token of a connection is: browsers can't set the header. */
type Way = 'header' | 'as browsers do';

/** Gateways; 10 and 11 run no global guards for them, 12 runs this one once all the same. */
export function gateways(library: Library, way: Way = 'header'): StartContext {
  return async (entra) => {
    const providers = [
      ...handlerClasses(
        (operation) => [SubscribeMessage(operation)],
        [WebSocketGateway(), UseGuards(EntraGuard)],
        (event, auth) => (library === 'ws' ? { event, data: whoIs(auth) } : whoIs(auth)),
      ),
    ];
    const contexts = [webSocketContext({ anonymousConnections: true })];
    const imports = [EntraGuardModule.forRoot({ ...quietOptions(entra), contexts })];
    const app = await NestFactory.create(moduleOf({ imports, providers }), adapterOf('express'), {
      logger: false,
      abortOnError: false,
    });
    app.useWebSocketAdapter(guardConnections(app, adapterFor(library, app)));
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    const call = library === 'ws' ? callNative : callSocketIo;
    return {
      close: () => app.close(),
      call: (operation, authorization) => call(origin, operation, credentials(way, authorization)),
    };
  };
}

interface Credentials {
  readonly headers?: Record<string, string>;
  readonly token?: string;
}

function credentials(way: Way, authorization: string | undefined): Credentials {
  if (authorization === undefined) return {};
  return way === 'header' ? { headers: { authorization } } : { token: authorization.slice('Bearer '.length) };
}

function callSocketIo(origin: string, operation: Operation, { headers, token }: Credentials) {
  return new Promise<Outcome>((resolve) => {
    const socket = io(origin, {
      ...(headers && { extraHeaders: headers }),
      ...(token && { auth: { token } }),
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
    const settle = (outcome: Outcome) => {
      socket.disconnect();
      resolve(outcome);
    };
    socket.on('connect_error', (error) => settle((error as unknown as { data: { code: string } }).data));
    socket.on('exception', (refusal: { code: string }) => settle({ code: refusal.code }));
    socket.emit(operation, {}, (gave: string) => settle({ gave }));
  }).then(codeOrGift);
}

/** A refusal holds more than its code. */
function codeOrGift(outcome: Outcome): Outcome {
  return 'gave' in outcome ? { gave: outcome.gave } : { code: outcome.code };
}

function callNative(origin: string, operation: Operation, { headers = {}, token }: Credentials) {
  return new Promise<Outcome>((resolve, reject) => {
    const protocols = token === undefined ? [] : ['orders.v1', `${TOKEN_PROTOCOL}${token}`];
    const socket = new WebSocket(origin.replace('http', 'ws'), protocols, { headers });
    socket.on('open', () => socket.send(JSON.stringify({ event: operation, data: {} })));
    socket.on('message', (data) => {
      const { event, data: content } = JSON.parse(String(data)) as { event?: string; data: { code: string } };
      socket.close();
      resolve(event === 'exception' ? { code: content.code } : { gave: JSON.parse(String(data)).data });
    });
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => resolve({ code: (JSON.parse(body) as { code: string }).code }));
    });
    socket.on('error', reject);
  });
}
