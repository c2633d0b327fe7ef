import 'reflect-metadata';
import {
  Auth,
  type AuthContext,
  authOf,
  ConfigurationError,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  Public,
  RequireScopes,
  RequireUserRoles,
} from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { ExecutionContext, Type } from '@nestjs/common';
import {
  Context,
  Field,
  GraphQLModule,
  ObjectType,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { bootFailure, serve } from '../nest/platforms.js';

let entra: LocalEntra;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(async () => {
  vi.useRealTimers();
  await entra.close();
});

type GraphQLOptions = Partial<ApolloDriverConfig>;

function metadata(
  providers: Type[],
  graphql: GraphQLOptions = {},
  extras: Partial<EntraGuardModuleOptions> = {},
) {
  const guard = { ...entra.options(), log: false, contexts: [graphqlContext()], ...extras } as const;
  return {
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true, ...graphql }),
      EntraGuardModule.forRoot(guard as EntraGuardModuleOptions),
    ],
    providers,
  };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; path: unknown; extensions: Record<string, unknown> }[];
}

async function ask(origin: string, query: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return (await answer.json()) as Answer;
}

@ObjectType()
class Order {
  @Field(() => String)
  id!: string;
}

@Resolver(() => Order)
class OrdersResolver {
  @Query(() => Order)
  @Public()
  order(): Order {
    return { id: '1' };
  }
  @ResolveField(() => String)
  @RequireScopes('Prices.Read')
  price(@Auth() auth: AuthContext): string {
    return `for a ${auth.kind}`;
  }
}

describe('a refusal in GraphQL', () => {
  @Resolver()
  class AdminResolver {
    @Query(() => String)
    @RequireScopes('Read')
    @RequireUserRoles('Admin')
    secrets(): string {
      return 'secret';
    }
  }

  it('has the code, the status, the challenge and what would be enough in its extensions, and no hint', async () => {
    const { origin } = await serve('express', metadata([AdminResolver]));
    const { errors, data } = await ask(origin, '{ secrets }', entra.user('ada', { scp: 'Other' }).headers);
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      message: expect.any(String),
      path: ['secrets'],
      extensions: {
        code: 'scope_missing',
        status: 403,
        enough: { scopes: [expect.stringMatching(/\/Read$/)], userRoles: ['Admin'] },
        challenge: expect.stringMatching(/^Bearer .*error="insufficient_scope"/),
      },
    });
    expect(errors?.[0]?.extensions).not.toHaveProperty('hint');
  });

  it('has the hint with explain: true', async () => {
    const { origin } = await serve('express', metadata([AdminResolver], {}, { explain: true }));
    const { errors } = await ask(origin, '{ secrets }');
    expect(errors?.[0]?.extensions).toMatchObject({ hint: expect.stringContaining('Authorization: Bearer') });
  });
});

describe('field and reference resolvers', () => {
  it('a requirement that Nest would ignore does not boot, and the field is named', async () => {
    const failure = await bootFailure(metadata([OrdersResolver]));
    expect(ConfigurationError.is(failure)).toBe(true);
    expect(String(failure)).toMatch(
      /OrdersResolver\.price \(field price\)\. Give GraphQLModule\.forRoot fieldResolverEnhancers: \['guards'\]/,
    );
  });

  it('so does one that comes from the class', async () => {
    @RequireScopes('Read')
    @Resolver(() => Order)
    class ByClassResolver {
      @Query(() => Order) order(): Order {
        return { id: '1' };
      }
      @ResolveField(() => String) price(): string {
        return '';
      }
    }
    expect(String(await bootFailure(metadata([ByClassResolver])))).toContain(
      'ByClassResolver.price (field price)',
    );
  });

  it('so does one on a reference resolver', async () => {
    @Resolver(() => Order)
    class ReferenceResolver {
      @Query(() => Order) @Public() order(): Order {
        return { id: '1' };
      }
      @ResolveReference() @RequireScopes('Read') find(): Order {
        return { id: '1' };
      }
    }
    expect(String(await bootFailure(metadata([ReferenceResolver])))).toContain(
      'ReferenceResolver.find (reference resolver)',
    );
  });

  it('a field that nothing is declared for is as open as its parent', async () => {
    @Resolver(() => Order)
    class PlainResolver {
      @Query(() => Order) @RequireScopes('Read') order(): Order {
        return { id: '1' };
      }
      @ResolveField(() => String) price(): string {
        return '3';
      }
    }
    const { origin } = await serve('express', metadata([PlainResolver]));
    const { headers } = entra.user('ada', { scp: 'Read' });
    expect(await ask(origin, '{ order { price } }', headers)).toEqual({ data: { order: { price: '3' } } });
    expect((await ask(origin, '{ order { price } }')).errors?.[0]?.extensions.code).toBe(
      'credentials_missing',
    );
  });

  it("are judged with fieldResolverEnhancers: ['guards'], one by one", async () => {
    const { origin } = await serve(
      'express',
      metadata([OrdersResolver], { fieldResolverEnhancers: ['guards'] }),
    );
    const { headers } = entra.user('ada', { scp: 'Prices.Read' });
    expect(await ask(origin, '{ order { id price } }', headers)).toEqual({
      data: { order: { id: '1', price: 'for a user' } },
    });
    expect((await ask(origin, '{ order { id } }')).data).toEqual({ order: { id: '1' } });
    expect((await ask(origin, '{ order { id price } }')).errors?.[0]).toMatchObject({
      path: ['order', 'price'],
      extensions: { code: 'credentials_missing' },
    });
  });
});

describe('the context of GraphQL', () => {
  @Resolver()
  class OneResolver {
    @Query(() => String) @RequireScopes('Read') read(@Context() context: object): string {
      return authOf(context)?.kind ?? 'nobody';
    }
    @Query(() => String) @Public() open(): string {
      return 'open';
    }
  }

  it('not registered, does not boot: all of it would be denied', async () => {
    const failure = await bootFailure(metadata([OneResolver], {}, { contexts: [] }));
    expect(String(failure)).toMatch(
      /OneResolver\.read \(query read\)\. Give EntraGuardModule contexts: \[graphqlContext\(\)\], imported from '@entra-guard\/nestjs\/graphql'/,
    );
  });

  it('not registered, denies what was started nevertheless', async () => {
    const { origin } = await serve(
      'express',
      metadata([OneResolver], {}, { contexts: [], uncovered: 'warn' }),
    );
    const { headers } = entra.user('ada', { scp: 'Read' });
    const { errors, data } = await ask(origin, '{ read }', headers);
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
  });

  it('gives authOf the caller', async () => {
    const { origin } = await serve('fastify', metadata([OneResolver]));
    const { headers } = entra.user('ada', { scp: 'Read' });
    expect(await ask(origin, '{ read }', headers)).toEqual({ data: { read: 'user' } });
  });

  it('that does not hold the request admits callers to public fields only', async () => {
    const { app } = await serve('express', metadata([OneResolver]));
    const inContext = (method: 'open' | 'read', context: object) =>
      ({
        getType: () => 'graphql',
        getClass: () => OneResolver,
        getHandler: () => OneResolver.prototype[method],
        getArgs: () => [undefined, {}, context, {}],
      }) as unknown as ExecutionContext;
    const guard = app.get(EntraGuard);
    await expect(guard.canActivate(inContext('read', { user: 'ada' }))).rejects.toMatchObject({
      extensions: { code: 'no_requirement' },
    });
    expect(await guard.canActivate(inContext('open', { user: 'ada' }))).toBe(true);
    const { headers } = entra.user('ada', { scp: 'Read' });
    expect(await guard.canActivate(inContext('read', { req: { headers } }))).toBe(true);
  });

  it('that several requests share is refused: whose call it is can not be told', async () => {
    const { imports, providers } = metadata([OneResolver]);
    const module = GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      // Its type says a function; in JavaScript, and with a cast, an object is taken.
      context: { database: 'one for all' } as never,
    });
    const { origin } = await serve('fastify', { imports: [module, ...imports.slice(1)], providers });
    const { headers } = entra.user('ada', { scp: 'Read' });
    await ask(origin, '{ read }', headers);
    expect((await ask(origin, '{ read }')).errors?.[0]?.extensions.code).toBe('no_requirement');
  });

  it('several operations in one document are judged each', async () => {
    const { origin } = await serve('express', metadata([OneResolver]));
    const { errors } = await ask(origin, '{ open read }');
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['read'], 'credentials_missing'],
    ]);
  });
});

const drivers = [
  {
    name: 'Apollo',
    platform: 'express',
    module: () =>
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
      }),
    closed: { code: 4401, reason: 'token_expired' },
    sendsCode: true,
  },
  {
    name: 'Mercurius',
    platform: 'fastify',
    module: () =>
      GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        autoSchemaFile: true,
        subscription: true,
      }),
    closed: { code: 1006 },
    sendsCode: process.env.NEST_MAJOR !== '10',
  },
] as const;

describe.each(drivers)(
  'subscriptions over graphql-ws, with $name',
  ({ platform, module, closed: endsWith, sendsCode }) => {
    /** What subscribers get; each waits for the next push. */
    class Ticks {
      readonly #waiting = new Set<(value: IteratorResult<unknown>) => void>();
      get listeners(): number {
        return this.#waiting.size;
      }
      push(): void {
        for (const deliver of this.#waiting) deliver({ value: { tick: 'tick' }, done: false });
        this.#waiting.clear();
      }
      iterate(): AsyncIterableIterator<unknown> {
        const waiting = this.#waiting;
        return {
          [Symbol.asyncIterator]() {
            return this;
          },
          next: () => new Promise((resolve) => waiting.add(resolve)),
          return: async () => ({ value: undefined, done: true }),
        };
      }
    }
    let ticks: Ticks;

    @Resolver()
    class TicksResolver {
      @Query(() => String) @Public() about(): string {
        return '';
      }
      @Subscription(() => String) @RequireScopes('Read') tick(): AsyncIterableIterator<unknown> {
        return ticks.iterate();
      }
      @Subscription(() => String, { resolve: () => 'open' })
      @Public()
      open(): AsyncIterableIterator<unknown> {
        return ticks.iterate();
      }
    }

    let url: string;
    beforeEach(async () => {
      ticks = new Ticks();
      const { imports, providers } = metadata([TicksResolver]);
      const started = await serve(platform, { imports: [module(), ...imports.slice(1)], providers });
      url = `${started.origin.replace('http', 'ws')}/graphql`;
    });

    /** Subscribes, and tells what arrives. */
    function subscribe(
      query: string,
      credentials: { header?: string; connectionParams?: Record<string, unknown> },
    ) {
      class WithHeader extends WebSocket {
        constructor(address: string, protocols: string | string[]) {
          super(
            address,
            protocols,
            credentials.header ? { headers: { authorization: credentials.header } } : {},
          );
        }
      }
      let onClosed: (event: unknown) => void = () => {};
      const closed = new Promise<unknown>((resolve) => {
        onClosed = resolve;
      });
      const client = createClient({
        url,
        webSocketImpl: WithHeader,
        retryAttempts: 0,
        ...(credentials.connectionParams ? { connectionParams: credentials.connectionParams } : {}),
        on: { closed: (event) => onClosed(event) },
      });
      const results = client.iterate<Record<string, string>>({ query });
      return { client, results, closed };
    }

    it.each([
      ['the header of the connection', (value: string) => ({ header: value })],
      ['connectionParams.authorization', (value: string) => ({ connectionParams: { authorization: value } })],
      ['connectionParams.Authorization', (value: string) => ({ connectionParams: { Authorization: value } })],
    ])('takes the token from %s', async (_, credentials) => {
      const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
      const { client, results } = subscribe('subscription { tick }', credentials(authorization));
      const next = results.next();
      await vi.waitUntil(() => ticks.listeners > 0);
      ticks.push();
      expect((await next).value).toEqual({ data: { tick: 'tick' } });
      await client.dispose();
    });

    it.each([
      ['no token', () => ({}), 'credentials_missing'],
      [
        'the wrong scope',
        () => ({ header: entra.user('ada', { scp: 'Other' }).headers.authorization }),
        'scope_missing',
      ],
      [
        'a token in two places',
        () => {
          const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
          return { header: authorization, connectionParams: { authorization } };
        },
        'credentials_malformed',
      ],
      [
        'something else than a text',
        () => ({ connectionParams: { authorization: { a: 1 } } }),
        'credentials_malformed',
      ],
    ])('refuses %s', async (_, credentials, code) => {
      const { client, results } = subscribe('subscription { tick }', credentials());
      const outcome = await results.next().then(
        ({ value }) => JSON.stringify(value),
        (error) => `${error} ${JSON.stringify(error)}`,
      );
      // Mercurius of NestJS 10 sends the sentence and nothing else.
      expect(outcome).toMatch(sendsCode ? `"code":"${code}"` : /Authorization|access token|allow/);
      expect(ticks.listeners).toBe(0);
      await client.dispose();
    });

    it('ends them when the token expires, and pushes nothing afterwards', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() });
      const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
      const { results, closed } = subscribe('subscription { tick }', { header: authorization });
      const next = results.next().then(
        ({ value }) => value,
        () => 'ended',
      );
      await vi.waitUntil(() => ticks.listeners > 0, { interval: 1 }).catch(() => {});
      await vi.advanceTimersByTimeAsync(3 * 60 * 60_000);
      expect(await closed).toMatchObject(endsWith);
      ticks.push();
      expect(await next).toBe('ended');
    });
  },
);
