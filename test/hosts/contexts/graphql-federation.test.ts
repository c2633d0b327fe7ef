import 'reflect-metadata';
import { assertCovered, EntraGuardModule, Public, RequireScopes } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig, ApolloFederationDriver } from '@nestjs/apollo';
import type { DynamicModule, Type } from '@nestjs/common';
import {
  Directive,
  Field,
  GraphQLModule,
  ObjectType,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
} from '@nestjs/graphql';
import { MercuriusFederationDriver } from '@nestjs/mercurius';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, create, type Platform, serve } from '../nest/platforms.js';
import { quietOptions } from './host.js';

let entra: LocalEntra;
/** The resolvers that were run. */
let reached: string[];
beforeEach(async () => {
  entra = await startEntra();
  reached = [];
});
afterEach(() => entra.close());

@ObjectType()
class Address {
  @Field(() => String) street!: string;
}

@ObjectType()
@Directive('@key(fields: "id")')
class Customer {
  @Field(() => String) id!: string;
  @Field(() => Address, { nullable: true }) address?: Address;
}

/** Behind a query alone: no representation leads to it. */
@ObjectType()
class Report {
  @Field(() => String) title!: string;
}

@Resolver()
class QueriesResolver {
  @Query(() => Customer) @RequireScopes('Read') first(): Customer {
    return { id: '1' };
  }
  @Query(() => Report) @RequireScopes('Read') report(): Report {
    return { title: 'a' };
  }
}

@Resolver(() => Customer)
class BareReference {
  @ResolveReference() find({ id }: { id: string }): Customer {
    reached.push('find');
    return { id };
  }
}

@Resolver(() => Customer)
class OpenReference {
  @ResolveReference() @Public() find({ id }: { id: string }): Customer {
    return { id };
  }
}

@Resolver(() => Customer)
class GuardedReference {
  @ResolveReference() @RequireScopes('Read') find({ id }: { id: string }): Customer {
    reached.push('find');
    return { id };
  }
}

@Resolver(() => Customer)
class BareFields {
  @ResolveField(() => String) name(): string {
    reached.push('name');
    return 'Ada Ltd';
  }
}

@Resolver(() => Address)
class BareFieldsOfAddress {
  @ResolveField(() => String) city(): string {
    reached.push('city');
    return 'London';
  }
}

@Resolver(() => Customer)
class OpenFields {
  @ResolveField(() => String) @Public() name(): string {
    return 'Ada Ltd';
  }
}

@Resolver(() => Report)
class BareFieldsOfReport {
  @ResolveField(() => String) text(): string {
    return 'b';
  }
}

const query = (fields: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { id ${fields} } } }`;
const variables = {
  of: [{ __typename: 'Customer', id: '7', address: { street: 'a', __typename: 'Address' } }],
};

async function post(origin: string, fields: string, headers: object = {}): Promise<string> {
  const { body } = await ask(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: query(fields), variables }),
  });
  return JSON.stringify(body);
}

const drivers = [
  ['Apollo', 'express', ApolloFederationDriver],
  ['Mercurius', 'fastify', MercuriusFederationDriver],
] as const;

describe.each(drivers)('a subgraph of %s', (_, platform, driver) => {
  const subgraph = (extras: object): DynamicModule =>
    GraphQLModule.forRoot({
      driver: driver as Type,
      // Named, since the newest that NestJS would name needs a library that does not run on Node 20.
      autoSchemaFile: {
        federation: {
          version: 2,
          importUrl: 'https://specs.apollo.dev/federation/v2.3',
          directives: ['@key'],
        },
      },
      ...extras,
    } as ApolloDriverConfig);
  const moduleWith = (providers: Type[], extras: object = {}, uncovered: 'refuse' | 'warn' = 'refuse') => ({
    imports: [
      subgraph(extras),
      EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [graphqlContext()], uncovered }),
    ],
    providers: [QueriesResolver, ...providers],
  });
  const guardsOnFields = { fieldResolverEnhancers: ['guards'] };
  const failureOf = async (providers: Type[]): Promise<string> => {
    const app = await create(platform as Platform, moduleWith(providers));
    return app.init().then(
      () => 'started',
      (error: Error) => error.message,
    );
  };

  it.each([
    ['a bare reference resolver', [BareReference], 'BareReference.find (reference resolver)'],
    ['a reference resolver whose guard never runs', [GuardedReference], 'GuardedReference.find (reference'],
    ['a bare field, no reference resolver', [BareFields], 'BareFields.name (field name)'],
    ['a bare field, an open reference resolver', [OpenReference, BareFields], 'BareFields.name (field name)'],
    [
      'a bare field of what a representation holds',
      [BareFieldsOfAddress],
      'BareFieldsOfAddress.city (field city)',
    ],
  ])('with %s does not boot', async (_case, providers, named) => {
    const failure = await failureOf(providers);
    expect(failure).toContain(named);
    expect(failure).toContain("fieldResolverEnhancers: ['guards']");
  });

  it('is not covered before it is initialised either', async () => {
    for (const providers of [[BareReference], [BareFields]]) {
      const app = await create(platform as Platform, moduleWith(providers, {}, 'warn'));
      expect(() => assertCovered(app)).toThrow(/_entities/);
      await app.init();
      expect(() => assertCovered(app)).toThrow(/_entities/);
    }
  });

  it('boots where what is open is so on purpose, or where no representation leads to it', async () => {
    const { origin } = await serve(
      platform as Platform,
      moduleWith([OpenReference, OpenFields, BareFieldsOfReport]),
    );
    expect(await post(origin, 'name')).toContain('{"id":"7","name":"Ada Ltd"}');
  });

  it.each([
    ['a bare reference resolver', [BareReference], 'id'],
    ['a bare field, no reference resolver', [BareFields], 'name'],
    ['a bare field, an open reference resolver', [OpenReference, BareFields], 'name'],
    ['a bare field of what a representation holds', [BareFieldsOfAddress], 'address { city }'],
  ])('whose guards run on fields denies %s', async (_case, providers, fields) => {
    const { origin } = await serve(platform as Platform, moduleWith(providers, guardsOnFields));
    const ada = entra.user('ada', { scp: 'Read' }).headers;
    for (const headers of [{}, ada]) {
      expect(await post(origin, fields, headers)).toContain('"code":"no_requirement"');
    }
    expect(reached).toEqual([]);
  });

  it('is answered by a reference resolver that requires something, to who brings it', async () => {
    const { origin } = await serve(platform as Platform, moduleWith([GuardedReference], guardsOnFields));
    expect(await post(origin, '')).toContain('"code":"credentials_missing"');
    expect(reached).toEqual([]);
    expect(await post(origin, '', entra.user('ada', { scp: 'Read' }).headers)).toContain('[{"id":"7"}]');
  });
});

describe('a reference resolver that is a field by its decorator, schema first', () => {
  @Resolver('Thing')
  class ThingResolver {
    @Query() @Public() thing(): object {
      return { id: '1' };
    }
    @ResolveField() __resolveReference({ id }: { id: string }): object {
      reached.push('__resolveReference');
      return { id };
    }
  }
  const moduleWith = (extras: object = {}) => ({
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloFederationDriver,
        typeDefs: 'type Thing @key(fields: "id") { id: String } type Query { thing: Thing }',
        ...extras,
      }),
      EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [graphqlContext()] }),
    ],
    providers: [ThingResolver],
  });

  it('does not boot, where guards do not run on fields', async () => {
    const app = await create('express', moduleWith());
    await expect(app.init()).rejects.toThrow(/ThingResolver\.__resolveReference \(reference resolver\)/);
  });

  it('is denied where they do', async () => {
    const { origin } = await serve('express', moduleWith({ fieldResolverEnhancers: ['guards'] }));
    const { body } = await ask(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ _entities(representations: [{ __typename: "Thing", id: "7" }]) { ... on Thing { id } } }',
      }),
    });
    expect(JSON.stringify(body)).toContain('"code":"no_requirement"');
    expect(reached).toEqual([]);
  });
});

describe('a root type of another name', () => {
  @Resolver('Root')
  class RootResolver {
    @ResolveField() secret(): string {
      return 'secret';
    }
  }
  const moduleWith = (extras: object = {}) => ({
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        typeDefs: 'schema { query: Root } type Root { secret: String }',
        ...extras,
      }),
      EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [graphqlContext()] }),
    ],
    providers: [RootResolver],
  });

  it('with a bare field does not boot, where guards do not run on fields', async () => {
    const app = await create('express', moduleWith());
    await expect(app.init()).rejects.toThrow(/RootResolver\.secret \(field secret\)/);
  });

  it('is judged where they do', async () => {
    const { origin } = await serve('express', moduleWith({ fieldResolverEnhancers: ['guards'] }));
    const { body } = await ask(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ secret }' }),
    });
    expect(JSON.stringify(body)).toContain('"code":"no_requirement"');
  });
});
