import 'reflect-metadata';
import {
  CurrentUser,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  type LoadUser,
  RequireScopes,
} from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { fromPayload, microserviceContext } from '@entra-guard/nestjs/microservices';
import { guardConnections, webSocketContext } from '@entra-guard/nestjs/websockets';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { lastValueFrom } from 'rxjs';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../scripts/free-port.mjs';
import { moduleOf, serve } from '../nest/platforms.js';
import { adapterFor } from './hosts/websockets.js';

interface User {
  readonly id: string;
}

let entra: LocalEntra;
let asked: string[] = [];
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  asked = [];
});
afterAll(() => entra.close());

const token = (name: string) => entra.user(name, { scp: 'Read' });

/** Knows every user but Mallory. */
const loadUser: LoadUser = async ({ auth }) => {
  const id = auth.objectId ?? '';
  asked.push(id);
  return id === token('mallory').claims.oid ? undefined : { id };
};

const guarded = (contexts: EntraGuardModuleOptions['contexts']) =>
  EntraGuardModule.forRoot({
    ...entra.options(),
    log: false,
    loadUser,
    contexts,
  } as EntraGuardModuleOptions);

it('@CurrentUser() in GraphQL is one user for all fields of an operation', async () => {
  @Resolver()
  class UsersResolver {
    @Query(() => String) @RequireScopes('Read') mine(@CurrentUser() user: User): string {
      return user.id;
    }
    @Query(() => String) @RequireScopes('Read') also(@CurrentUser() user: User): string {
      return user.id;
    }
  }
  const { origin } = await serve('express', {
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
      guarded([graphqlContext()]),
    ],
    providers: [UsersResolver],
  });
  const ask = async (name: string) => {
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...token(name).headers },
      body: JSON.stringify({ query: '{ mine again: mine also }' }),
    });
    return answer.json();
  };
  const { oid } = token('ada').claims;
  expect(await ask('ada')).toEqual({ data: { mine: oid, again: oid, also: oid } });
  expect(asked).toEqual([oid]);
  await ask('ada');
  expect(asked).toEqual([oid, oid]);
  const refusal = expect.objectContaining({
    extensions: expect.objectContaining({ code: 'user_unknown', status: 403 }),
  });
  expect(await ask('mallory')).toMatchObject({ errors: expect.arrayContaining([refusal]) });
});

it('@CurrentUser() in a gateway is asked for with each message', async () => {
  @WebSocketGateway()
  @UseGuards(EntraGuard)
  class UsersGateway {
    @SubscribeMessage('mine') @RequireScopes('Read') mine(@CurrentUser() user: User) {
      return { event: 'mine', data: user.id };
    }
  }
  const metadata = { imports: [guarded([webSocketContext()])], providers: [UsersGateway] };
  const { origin } = await serve('express', metadata, (app) =>
    app.useWebSocketAdapter(guardConnections(app, adapterFor('socket.io', app))),
  );
  const connect = (name: string) => {
    const socket = io(origin, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token: token(name).token },
    });
    onTestFinished(() => void socket.disconnect());
    return () =>
      new Promise<unknown>((resolve) => {
        socket.once('mine', resolve);
        socket.once('exception', ({ code }: { code: string }) => resolve(code));
        socket.emit('mine', {});
      });
  };
  const ask = connect('ada');
  const { oid } = token('ada').claims;
  expect([await ask(), await ask()]).toEqual([oid, oid]);
  expect(asked).toEqual([oid, oid]);
  expect(await connect('mallory')()).toBe('user_unknown');
});

it('@CurrentUser() in a microservice is asked for with each message', async () => {
  @Controller()
  class UsersController {
    @MessagePattern('mine') @RequireScopes('Read') mine(@CurrentUser() user: User): string {
      return user.id;
    }
  }
  const options = {
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port: await freePort() },
  } as const;
  const contexts = [microserviceContext({ authorization: fromPayload('authorization') })];
  const AppModule = moduleOf({ imports: [guarded(contexts)], controllers: [UsersController] });
  const app = await NestFactory.createMicroservice(AppModule, {
    ...options,
    logger: false,
    abortOnError: false,
  });
  await app.listen();
  const client = ClientProxyFactory.create(options);
  onTestFinished(async () => {
    await client.close();
    await app.close();
  });
  const ask = (name: string) =>
    lastValueFrom(client.send('mine', { authorization: token(name).headers.authorization })).catch(
      ({ code }: { code: string }) => code,
    );
  const { oid } = token('ada').claims;
  expect([await ask('ada'), await ask('ada')]).toEqual([oid, oid]);
  expect(asked).toEqual([oid, oid]);
  expect(await ask('mallory')).toBe('user_unknown');
});
