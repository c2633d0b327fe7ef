import 'reflect-metadata';
import { EntraGuardModule, OpenRights, Public, RequireScopes } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { startEntra } from '@entra-guard/testing';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import { serve } from '../nest/platforms.js';

/** Pushes nothing; counts who listens. */
let subscribed: string[] = [];
function silence(name: string): AsyncIterableIterator<unknown> {
  subscribed.push(name);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => new Promise(() => {}),
    return: async () => ({ value: undefined, done: true }),
  };
}

@Resolver()
class SecretsResolver {
  @Query(() => String) @Public() about(): string {
    return '';
  }
  @Subscription(() => String) @RequireScopes('Read') news(): AsyncIterableIterator<unknown> {
    return silence('news');
  }
  @Subscription(() => String) @RequireScopes('Admin') secrets(): AsyncIterableIterator<unknown> {
    return silence('secrets');
  }
}

it('a connection of Mercurius that was initialised with two tokens ends with either of them', async () => {
  subscribed = [];
  const entra = await startEntra();
  onTestFinished(() => entra.close());
  let revokedScope = '';
  const guard = EntraGuardModule.forRoot({
    ...entra.options(),
    log: false,
    contexts: [graphqlContext()],
    isRevoked: ({ scopes }) => scopes.has(revokedScope),
  });
  const module = GraphQLModule.forRoot<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    autoSchemaFile: true,
    subscription: true,
  });
  const { app, origin } = await serve('fastify', { imports: [module, guard], providers: [SecretsResolver] });
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  let acknowledged = 0;
  socket.on('message', (data) => {
    if (String(data).includes('connection_ack')) acknowledged++;
  });
  const closed = new Promise((resolve) => socket.on('close', () => resolve('closed')));
  await new Promise((resolve) => socket.on('open', resolve));
  const send = (message: object) => socket.send(JSON.stringify(message));

  for (const [scp, field] of [
    ['Read', 'news'],
    ['Admin', 'secrets'],
  ] as const) {
    const before = acknowledged;
    send({ type: 'connection_init', payload: entra.user('ada', { scp }).headers });
    await vi.waitUntil(() => acknowledged > before);
    send({ id: field, type: 'subscribe', payload: { query: `subscription { ${field} }` } });
    await vi.waitUntil(() => subscribed.includes(field));
  }

  const rights = app.get(OpenRights);
  await rights.recheck();
  expect(rights.size).toBe(1);
  revokedScope = 'Admin';
  await rights.recheck();
  expect(await closed).toBe('closed');
  expect(rights.size).toBe(0);
});
