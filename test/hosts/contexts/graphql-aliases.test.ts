import 'reflect-metadata';
import {
  allOf,
  check,
  type DecisionEvent,
  EntraGuard,
  EntraGuardModule,
  type LogEntry,
  OptionalAuth,
  onEvent,
  PermissionError,
  Public,
  Require,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { type GraphQLCall, graphqlContext } from '@entra-guard/nestjs/graphql';
import { type IssuedToken, type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Injectable, type Type } from '@nestjs/common';
import { Args, GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { ask, type Platform, serve } from '../nest/platforms.js';

let entra: LocalEntra;
let events: DecisionEvent[];
let entries: LogEntry[];
let reached: string[];
let checked: number;
let revoked: boolean;
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  events = [];
  entries = [];
  reached = [];
  checked = 0;
  revoked = false;
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
});
afterAll(() => entra.close());

const isFirst = check('it is the first', ({ request }) => {
  checked += 1;
  return ((request as GraphQLCall).args as { id: string }).id === '1';
});

@Resolver()
class WordsResolver {
  @Query(() => String) @Public() about(): string {
    return '';
  }
  @Query(() => String, { nullable: true }) @RequireScopes('Read') secret(): string {
    reached.push('secret');
    return 'secret';
  }
  @Query(() => String, { nullable: true }) @OptionalAuth() maybe(): string {
    return 'maybe';
  }
  @Query(() => String, { nullable: true }) bare(): string {
    reached.push('bare');
    return 'bare';
  }
  @Query(() => String, { nullable: true }) @Require(allOf(scopes('Read'), isFirst)) one(
    @Args('id') id: string,
  ): string {
    reached.push(id);
    return id;
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
        subscription: { fullWsTransport: true },
      }),
  ],
];

async function start(platform: Platform, graphql: () => DynamicModule, guard?: Type<EntraGuard>) {
  const module = EntraGuardModule.forRoot({
    ...entra.options(),
    log: (entry) => void entries.push(entry),
    isRevoked: () => revoked,
    contexts: [graphqlContext()],
    ...(guard && { guard }),
  });
  const { origin } = await serve(platform, { imports: [graphql(), module], providers: [WordsResolver] });
  entries = [];
  return `${origin}/graphql`;
}

interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly { path: unknown[]; message: string; extensions: Record<string, unknown> }[];
}

async function post(url: string, query: string, token?: IssuedToken): Promise<Answer & { size: number }> {
  const { body } = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...token?.headers },
    body: JSON.stringify({ query }),
  });
  return { ...(body as Answer), size: JSON.stringify(body).length };
}

const aliases = (field: string, count: number) =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')} }`;

describe.each(drivers)(
  'a thousand aliases of one field, with %s',
  { timeout: 20_000 },
  (_, platform, graphql) => {
    it.each([
      ['no token', 'secret', () => undefined, 'credentials_missing'],
      ['an expired one', 'secret', () => entra.wrong.expired(), 'token_expired'],
      ['the wrong scope', 'secret', () => entra.user('ada', { scp: 'Other' }), 'scope_missing'],
      ['no declaration', 'bare', () => entra.user('ada', { scp: 'Read' }), 'no_requirement'],
      ['an expired one, where one may be left out', 'maybe', () => entra.wrong.expired(), 'token_expired'],
      ['no token, where a check would look at each', 'one(id: "1")', () => undefined, 'credentials_missing'],
    ])('and %s are refused by one verdict, event, line and document', async (_case, field, token, code) => {
      const url = await start(platform, graphql);
      const { errors, data, size } = await post(url, aliases(field, 1000), token());
      expect(errors).toHaveLength(1000);
      expect(new Set(errors?.map(({ path }) => String(path[0]))).size).toBe(1000);
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(Array(1000).fill(code));
      expect(Object.values(data ?? {})).toEqual(Array(1000).fill(null));
      expect(errors?.[0]?.extensions).toMatchObject({
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(errors?.[999]?.message).toBe(errors?.[0]?.message);
      expect(Object.keys(errors?.[999]?.extensions ?? {})).toEqual(['code']);
      expect(size).toBeLessThan(200_000);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({ outcome: 'deny', code });
      expect(entries.length).toBeLessThanOrEqual(1);
      expect(reached).toEqual([]);
      expect(checked).toBe(0);
    });

    it.each([
      ['secret', () => entra.user('ada', { scp: 'Read' })],
      ['maybe', () => undefined],
    ])('are let in by one verdict: %s', async (field, token) => {
      const url = await start(platform, graphql);
      const { errors, data } = await post(url, aliases(field, 1000), token());
      expect(errors).toBeUndefined();
      expect(Object.values(data ?? {})).toEqual(Array(1000).fill(field));
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({ outcome: 'allow', handler: `WordsResolver.${field}` });
    });

    it('are judged each where a check looks at their arguments', async () => {
      const url = await start(platform, graphql);
      const query = '{ a: one(id: "1") b: one(id: "2") c: one(id: "1") d: one(id: "2") }';
      const { errors, data } = await post(url, query, entra.user('ada', { scp: 'Read' }));
      expect(data).toEqual({ a: '1', b: null, c: '1', d: null });
      expect(errors?.map(({ path }) => path[0])).toEqual(['b', 'd']);
      expect([reached, checked, events.length]).toEqual([['1', '1'], 4, 4]);
    });

    it('are judged each by a guard of the application that does so', async () => {
      @Injectable()
      class OddGuard extends EntraGuard {
        protected override async decide(
          ...[request, access, place, context]: Parameters<EntraGuard['decide']>
        ) {
          const { path } = context.getArgs<[unknown, unknown, unknown, { path: { key: string } }]>()[3];
          if (path.key === 'a1') {
            throw new PermissionError({ code: 'scope_missing', message: 'It is odd.', hint: 'None.' });
          }
          return super.decide(request, access, place, context);
        }
      }
      const url = await start(platform, graphql, OddGuard);
      const { data } = await post(url, aliases('secret', 3), entra.user('ada', { scp: 'Read' }));
      expect(data).toEqual({ a0: 'secret', a1: null, a2: 'secret' });
    });

    it('over one connection have one verdict an operation, and the next operation another', async () => {
      const url = await start(platform, graphql);
      const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
      const client = createClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        lazy: false,
        connectionParams: { authorization },
      });
      onTestFinished(() => void client.dispose());
      const run = async () =>
        (await client.iterate<Record<string, string>>({ query: aliases('secret', 100) }).next())
          .value as unknown as Answer;
      expect(Object.values((await run()).data ?? {})).toEqual(Array(100).fill('secret'));
      expect(events).toHaveLength(1);
      revoked = true;
      const { errors } = await run();
      expect(errors).toHaveLength(100);
      expect(events.slice(1)).toMatchObject([{ outcome: 'deny', code: 'token_revoked' }]);
      expect(reached).toHaveLength(100);
    });
  },
);
