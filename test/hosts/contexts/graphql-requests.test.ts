import 'reflect-metadata';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { type AuthContext, EntraGuardModule, OpenRights, Public, RequireScopes } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { GraphQLModule, GraphQLSchemaHost, Query, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { Subject } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Platform, serve } from '../nest/platforms.js';
import { iterate } from './hosts/lasting-http.js';

/** The very copy that Nest's schema is made with. */
const { parse, subscribe } = createRequire(
  new URL(`../nest/${process.env.NEST_MAJOR}/package.json`, import.meta.url),
)('graphql') as typeof import('graphql');

let entra: LocalEntra;
let revoked: Set<string>;
let pushes: Subject<string>;
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  revoked = new Set();
  pushes = new Subject();
});
afterAll(() => entra.close());

@Resolver()
class WordsResolver {
  @Query(() => String) @Public() about(): string {
    return '';
  }
  @Query(() => String) @RequireScopes('Read') secret(): string {
    return 'secret';
  }
  @Subscription(() => String) @RequireScopes('Read') words(): AsyncIterableIterator<unknown> {
    return iterate(pushes);
  }
}

const drivers: readonly [string, Platform, () => DynamicModule][] = [
  [
    'Apollo',
    'express',
    () =>
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
      }),
  ],
  [
    'Mercurius',
    'fastify',
    () =>
      GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        autoSchemaFile: true,
        subscription: true,
      }),
  ],
];

async function start(
  platform: Platform,
  graphql: () => DynamicModule,
  prepare: (app: INestApplication) => void = () => {},
) {
  const isRevoked = ({ objectId }: AuthContext) => revoked.has(String(objectId));
  const guard = EntraGuardModule.forRoot({
    ...entra.options(),
    log: false,
    isRevoked,
    contexts: [graphqlContext()],
  });
  const { app, origin } = await serve(
    platform,
    { imports: [graphql(), guard], providers: [WordsResolver] },
    prepare,
  );
  // All requests go over one socket, as those of a proxy do.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return { app, agent, url: `${origin}/graphql`, rights: app.get(OpenRights) };
}

async function post(agent: Agent, url: string, headers: Record<string, string>, query = '{ secret }') {
  const asked = request(url, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', ...headers },
  });
  asked.end(JSON.stringify({ query }));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of answer) text += String(part);
  return { text, port: asked.socket?.localPort };
}

describe.each(drivers)('a request to %s that speaks of an upgrade without one', (_, platform, graphql) => {
  it.each([
    ['Upgrade alone', { upgrade: 'websocket' }],
    ['Upgrade with keep-alive', { upgrade: 'WebSocket', connection: 'keep-alive' }],
  ])(
    'is a request, by %s: nothing is watched, and who shares its socket is left alone',
    async (_case, odd) => {
      const { agent, url, rights } = await start(platform, graphql);
      const ada = entra.user('ada', { scp: 'Read' });
      const first = await post(agent, url, { ...ada.headers, ...odd });
      expect(first.text).toContain('"secret":"secret"');
      expect(rights.size).toBe(0);
      revoked.add(String(ada.claims.oid));
      await rights.recheck();
      const second = await post(agent, url, entra.user('bob', { scp: 'Read' }).headers);
      expect(second).toEqual({ text: first.text, port: first.port });
    },
  );
});

describe('a subscription over a stream of server-sent events', () => {
  /** As libraries do it: the schema of Nest, and a context that holds request and response. */
  async function startStream() {
    const [, platform, graphql] = drivers[0] as (typeof drivers)[number];
    return start(platform, graphql, (app) => {
      const answer = async (req: IncomingMessage, res: ServerResponse) => {
        const { schema } = app.get(GraphQLSchemaHost);
        const document = parse('subscription { words }');
        const result = await subscribe({ schema, document, contextValue: { req } });
        if (!(Symbol.asyncIterator in result)) return res.end(JSON.stringify(result));
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.on('close', () => void result.return(undefined));
        for await (const one of result) res.write(`data: ${JSON.stringify(one)}\n\n`);
        return res.end();
      };
      (app as unknown as { use(path: string, handler: typeof answer): void }).use('/stream', answer);
    });
  }

  async function listen(url: string, agent: Agent, headers: Record<string, string>) {
    const asked = request(url.replace('graphql', 'stream'), { agent, headers });
    asked.on('error', () => {});
    const closed = once(asked, 'close');
    asked.end();
    await vi.waitUntil(() => pushes.observed, { timeout: 5000 });
    pushes.next('first');
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => {});
    answer.resume();
    return { asked, closed };
  }

  it('ends with the right of its caller', async () => {
    const { agent, url, rights } = await startStream();
    const ada = entra.user('ada', { scp: 'Read' });
    const { closed } = await listen(url, agent, ada.headers);
    expect(rights.size).toBe(1);
    revoked.add(String(ada.claims.oid));
    await rights.recheck();
    await closed;
    expect(rights.size).toBe(0);
    await vi.waitUntil(() => !pushes.observed, { timeout: 5000 });
  });

  it('is forgotten when it ends, though its socket stays open', async () => {
    const { agent, url, rights } = await startStream();
    const { asked, closed } = await listen(url, agent, entra.user('ada', { scp: 'Read' }).headers);
    expect(rights.size).toBe(1);
    pushes.complete();
    await closed;
    await vi.waitUntil(() => rights.size === 0, { timeout: 5000 });
    const after = await post(agent, url, entra.user('bob', { scp: 'Read' }).headers);
    expect(after.port).toBe(asked.socket?.localPort);
  });
});
