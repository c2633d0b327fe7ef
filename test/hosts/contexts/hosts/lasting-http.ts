import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  OpenRights,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { guardConnections, webSocketContext } from '@entra-guard/nestjs/websockets';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Controller,
  type INestApplication,
  type MessageEvent,
  type ModuleMetadata,
  Sse,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { createClient } from 'graphql-ws';
import { map, type Observable, type Subject } from 'rxjs';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { adapterOf, moduleOf, type Platform } from '../../nest/platforms.js';
import { goesThrough, type Held, type LastingHost, type LastingWorld, type Wire, wireTo } from './lasting.js';
import { adapterFor } from './websockets.js';

type Start = (options: EntraGuardModuleOptions, world: LastingWorld) => Promise<LastingHost>;
type Hold = (wire: Wire, authorization: string, world: LastingWorld) => Promise<Held>;

async function started(
  platform: Platform,
  metadata: ModuleMetadata,
  hold: Hold,
  world: LastingWorld,
  prepare: (app: INestApplication) => void = () => {},
): Promise<LastingHost> {
  const app = await NestFactory.create(moduleOf(metadata), adapterOf(platform), {
    logger: false,
    abortOnError: false,
  });
  prepare(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const wires: Wire[] = [];
  return {
    rights: app.get(OpenRights),
    close: async () => {
      for (const wire of wires) wire.cut();
      await app.close();
    },
    hold: async (authorization) => {
      const wire = await wireTo(port);
      wires.push(wire);
      return hold(wire, authorization, world);
    },
  };
}

export function lastingSse(platform: Platform): Start {
  return (options, world) => {
    @Controller()
    class WordsController {
      @Sse('words') @RequireScopes('Read') words(): Observable<MessageEvent> {
        return world.pushes.pipe(map((data) => ({ data })));
      }
    }
    const imports = [EntraGuardModule.forRoot(options)];
    return started(platform, { imports, controllers: [WordsController] }, holdSse, world);
  };
}

const holdSse: Hold = async (wire, authorization, { pushes }) => {
  const heard: string[] = [];
  const asked = request({ port: wire.port, host: '127.0.0.1', path: '/words', headers: { authorization } });
  const ended = new Promise<unknown>((resolve) => asked.on('close', () => resolve('closed')));
  asked.on('error', () => {});
  asked.on('response', (answer) => {
    answer.on('data', (part) => {
      for (const [, text] of String(part).matchAll(/^data: (.*)$/gm)) heard.push(String(text));
    });
    answer.on('error', () => {});
  });
  asked.end();
  return {
    ended,
    cancel: () => void asked.destroy(),
    disconnect: wire.cut,
    alive: () => goesThrough((word) => pushes.next(word), heard),
  };
};

export function lastingSockets(library: 'ws' | 'socket.io'): Start {
  return (options, world) => {
    @WebSocketGateway()
    @UseGuards(EntraGuard)
    @RequireScopes('Read')
    class WordsGateway {
      @SubscribeMessage('say') say(@MessageBody() data: string) {
        return { event: 'said', data };
      }
    }
    const imports = [EntraGuardModule.forRoot({ ...options, contexts: [webSocketContext()] })];
    const hold = library === 'ws' ? holdWs : holdSocketIo;
    return started('express', { imports, providers: [WordsGateway] }, hold, world, (app) =>
      app.useWebSocketAdapter(guardConnections(app, adapterFor(library, app))),
    );
  };
}

const holdWs: Hold = async (wire, authorization) => {
  const heard: string[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${wire.port}`, { headers: { authorization } });
  socket.on('message', (text) => heard.push((JSON.parse(String(text)) as { data: string }).data));
  socket.on('error', () => {});
  const ended = new Promise<unknown>((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('open', resolve));
  return {
    ended,
    cancel: () => socket.close(),
    disconnect: wire.cut,
    alive: () => goesThrough((data) => socket.send(JSON.stringify({ event: 'say', data })), heard),
  };
};

const holdSocketIo: Hold = async (wire, authorization) => {
  const heard: string[] = [];
  const socket = io(`http://127.0.0.1:${wire.port}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { authorization },
  });
  socket.on('said', (data: string) => heard.push(data));
  const ended = new Promise<unknown>((resolve) => socket.on('disconnect', resolve));
  await new Promise((resolve) => socket.on('connect', () => resolve(undefined)));
  return {
    ended,
    cancel: () => void socket.disconnect(),
    disconnect: wire.cut,
    alive: () => goesThrough((word) => socket.emit('say', word), heard),
  };
};

export function lastingSubscriptions(driver: 'Apollo' | 'Mercurius'): Start {
  return (options, world) => {
    @Resolver()
    class WordsResolver {
      @Query(() => String) @Public() about(): string {
        return '';
      }
      @Subscription(() => String) @RequireScopes('Read') words(): AsyncIterableIterator<unknown> {
        return iterate(world.pushes);
      }
    }
    const graphql =
      driver === 'Apollo'
        ? GraphQLModule.forRoot<ApolloDriverConfig>({
            driver: ApolloDriver,
            autoSchemaFile: true,
            subscriptions: { 'graphql-ws': true },
          })
        : GraphQLModule.forRoot<MercuriusDriverConfig>({
            driver: MercuriusDriver,
            autoSchemaFile: true,
            subscription: true,
          });
    const imports = [graphql, EntraGuardModule.forRoot({ ...options, contexts: [graphqlContext()] })];
    const platform = driver === 'Apollo' ? 'express' : 'fastify';
    return started(platform, { imports, providers: [WordsResolver] }, holdSubscription, world);
  };
}

const holdSubscription: Hold = async (wire, authorization, { pushes }) => {
  const heard: string[] = [];
  class WithHeader extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers: { authorization } });
    }
  }
  let settle: (value: unknown) => void = () => {};
  const ended = new Promise<unknown>((resolve) => {
    settle = resolve;
  });
  const client = createClient({
    url: `ws://127.0.0.1:${wire.port}/graphql`,
    webSocketImpl: WithHeader,
    retryAttempts: 0,
    on: { closed: settle },
  });
  const stop = client.subscribe<{ words: string }>(
    { query: 'subscription { words }' },
    {
      next: ({ data }) => void heard.push(String(data?.words)),
      error: settle,
      complete: () => settle('complete'),
    },
  );
  return {
    ended,
    cancel: stop,
    disconnect: wire.cut,
    alive: () => goesThrough((word) => pushes.next(word), heard),
  };
};

/** What is pushed, one at a time. */
export function iterate(pushes: Subject<string>): AsyncIterableIterator<unknown> {
  const waiting: ((result: IteratorResult<unknown>) => void)[] = [];
  const kept: string[] = [];
  const end = () => {
    for (const deliver of waiting.splice(0)) deliver({ value: undefined, done: true });
  };
  const subscription = pushes.subscribe({
    next: (words) => {
      const deliver = waiting.shift();
      if (deliver === undefined) kept.push(words);
      else deliver({ value: { words }, done: false });
    },
    complete: end,
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      kept.length > 0
        ? Promise.resolve({ value: { words: kept.shift() }, done: false })
        : new Promise((resolve) => waiting.push(resolve)),
    return: async () => {
      subscription.unsubscribe();
      end();
      return { value: undefined, done: true };
    },
  };
}
