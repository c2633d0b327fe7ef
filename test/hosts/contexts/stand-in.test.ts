import 'reflect-metadata';
import {
  Auth,
  type AuthContext,
  EntraGuard,
  EntraGuardModule,
  OpenRights,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import {
  ENTRA_GUARD_CORE,
  provideTestAuth,
  type StandInCaller,
  standInGuard,
  testAuth,
} from '@entra-guard/nestjs/testing';
import { guardConnections, webSocketContext } from '@entra-guard/nestjs/websockets';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type INestApplication, UseGuards } from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { expect, it, onTestFinished } from 'vitest';
import { adapterOf, moduleOf } from '../nest/platforms.js';
import { adapterFor } from './hosts/websockets.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });

async function started(builder: TestingModuleBuilder, prepare: (app: INestApplication) => void = () => {}) {
  const testing = await builder.compile();
  const app: INestApplication = testing.createNestApplication(adapterOf('express'), { logger: false });
  onTestFinished(() => app.close());
  prepare(app);
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

@Resolver()
class OrdersResolver {
  @Query(() => String) @RequireScopes('Orders.Read') orders(@Auth() auth: AuthContext): string {
    return auth.objectId ?? '';
  }
  @Query(() => String) @RequireScopes('Orders.Write') written(): string {
    return 'never';
  }
  @Query(() => String) @Public() open(): string {
    return 'open';
  }
}

it('resolvers are judged against the caller of provideTestAuth', async () => {
  const start = (caller: StandInCaller) =>
    started(
      Test.createTestingModule({
        imports: [GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true })],
        providers: [OrdersResolver, provideTestAuth(caller, { log: false, contexts: [graphqlContext()] })],
      }),
    );
  const ask = async (origin: string, query: string) => {
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return answer.json();
  };
  const [somebody, nobody] = [await start(ada), await start(null)];
  const refusedWith = (code: string) => ({
    errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })],
  });
  expect(await ask(somebody, '{ orders }')).toEqual({ data: { orders: ada.objectId } });
  expect(await ask(somebody, '{ written }')).toMatchObject(refusedWith('scope_missing'));
  expect(await ask(nobody, '{ orders }')).toMatchObject(refusedWith('credentials_missing'));
  expect(await ask(nobody, '{ open }')).toEqual({ data: { open: 'open' } });
});

@WebSocketGateway()
@UseGuards(EntraGuard)
class OrdersGateway {
  @SubscribeMessage('read') @RequireScopes('Orders.Read') read(): string {
    return 'order';
  }
  @SubscribeMessage('write') @RequireScopes('Orders.Write') write(): string {
    return 'never';
  }
}

const AppModule = moduleOf({
  imports: [
    EntraGuardModule.forRoot({
      tenantId: '11111111-1111-4111-8111-111111111111',
      clientId: '22222222-2222-4222-8222-222222222222',
      log: false,
      contexts: [webSocketContext()],
    }),
  ],
  providers: [OrdersGateway],
});

it('connections and messages of gateways are judged against the caller of standInGuard', async () => {
  const start = (caller: StandInCaller) =>
    started(
      Test.createTestingModule({ imports: [AppModule] })
        .overrideProvider(ENTRA_GUARD_CORE)
        .useValue(standInGuard(caller, { log: false })),
      (app) => app.useWebSocketAdapter(guardConnections(app, adapterFor('socket.io', app))),
    );
  const send = (origin: string, message: string) =>
    new Promise((resolve) => {
      const socket = io(origin, { transports: ['websocket'], reconnection: false, forceNew: true });
      onTestFinished(() => void socket.disconnect());
      socket.on('connect_error', (error) =>
        resolve((error as unknown as { data: { code: string } }).data.code),
      );
      socket.on('exception', ({ code }: { code: string }) => resolve(code));
      socket.emit(message, {}, resolve);
    });
  const somebody = await start(ada);
  expect(await send(somebody, 'read')).toBe('order');
  expect(await send(somebody, 'write')).toBe('scope_missing');
  expect(await send(await start(null), 'read')).toBe('credentials_missing');
});

it('connections end when they are judged again and the caller is gone', async () => {
  let caller: AuthContext | null = ada;
  let rights: OpenRights | undefined;
  const origin = await started(
    Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(ENTRA_GUARD_CORE)
      .useValue(standInGuard(() => caller, { log: false })),
    (app) => {
      app.useWebSocketAdapter(guardConnections(app, adapterFor('socket.io', app)));
      rights = app.get(OpenRights);
    },
  );
  const socket = io(origin, { transports: ['websocket'], reconnection: false, forceNew: true });
  onTestFinished(() => void socket.disconnect());
  const ended = new Promise((resolve) => socket.on('disconnect', resolve));
  expect(await new Promise((resolve) => socket.emit('read', {}, resolve))).toBe('order');
  await rights?.recheck();
  expect(socket.connected).toBe(true);
  caller = null;
  await rights?.recheck();
  expect(await ended).toBe('io server disconnect');
  expect(rights?.size).toBe(0);
});
