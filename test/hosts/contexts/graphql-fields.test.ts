import 'reflect-metadata';
import { EntraGuardModule, Public, RequireScopes } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig, ApolloFederationDriver } from '@nestjs/apollo';
import type { DynamicModule, Type } from '@nestjs/common';
import {
  createUnionType,
  Directive,
  Field,
  GraphQLModule,
  InterfaceType,
  ObjectType,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
} from '@nestjs/graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, bootFailure, serve } from '../nest/platforms.js';
import { quietOptions } from './host.js';

let entra: LocalEntra;
/** The resolvers that were run. */
let reached: string[];
beforeEach(async () => {
  entra = await startEntra();
  reached = [];
});
afterEach(() => entra.close());

const reader = () => entra.user('ada', { scp: 'Read' }).headers;

function moduleWith(graphql: DynamicModule, providers: Type[]) {
  const guard = EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [graphqlContext()] });
  return { imports: [graphql, guard], providers };
}

const fieldsAreGuarded = { autoSchemaFile: true, fieldResolverEnhancers: ['guards' as const] };

async function post(origin: string, query: string, headers: object = {}, variables = {}): Promise<string> {
  const { body } = await ask(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return JSON.stringify(body);
}

@InterfaceType({ resolveType: () => 'Invoice' })
abstract class Paper {
  @Field(() => String) title!: string;
}

@ObjectType({ implements: () => [Paper] })
class Invoice extends Paper {
  @Field(() => String) number!: string;
}

@ObjectType()
class Note {
  @Field(() => String) text!: string;
}

const Found = createUnionType({ name: 'Found', types: () => [Invoice, Note], resolveType: () => Invoice });

describe('a field of an interface', () => {
  @Resolver(() => Paper)
  class PapersResolver {
    @Query(() => Paper) @Public() paper(): object {
      return { title: 'a', number: '1' };
    }
    @Query(() => Invoice) @Public() invoice(): object {
      return { title: 'a', number: '1' };
    }
    @Query(() => [Found]) @Public() search(): object[] {
      return [{ title: 'a', number: '1' }];
    }
    @ResolveField(() => String) @RequireScopes('Read') amount(): string {
      reached.push('amount');
      return '100';
    }
  }

  it.each([
    ['the interface', '{ paper { amount } }'],
    ['a type that implements it', '{ invoice { title amount } }'],
    ['a fragment on the type', '{ paper { ... on Invoice { a: amount } } }'],
    ['a union', '{ search { ... on Invoice { number amount } } }'],
    [
      'a named fragment, twice',
      'fragment F on Invoice { amount } { invoice { ...F } other: invoice { ...F } }',
    ],
  ])('is judged through %s', async (_, query) => {
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      ...fieldsAreGuarded,
      buildSchemaOptions: { orphanedTypes: [Invoice] },
    });
    const { origin } = await serve('express', moduleWith(graphql, [PapersResolver]));
    const refused = await post(origin, query);
    expect(refused).toContain('"code":"credentials_missing"');
    expect(refused).not.toContain('100');
    expect(reached).toEqual([]);
    expect(await post(origin, query, reader())).toContain('"100"');
  });
});

describe('entities of a federated graph', () => {
  @ObjectType()
  @Directive('@key(fields: "id")')
  class Customer {
    @Field(() => String) id!: string;
  }

  @Resolver(() => Customer)
  class CustomersResolver {
    @Query(() => Customer) @Public() first(): Customer {
      return { id: '1' };
    }
    @ResolveReference() @RequireScopes('Read') find({ id }: { id: string }): Customer {
      reached.push('find');
      return { id };
    }
    @ResolveField(() => String) @RequireScopes('Read') name(): string {
      reached.push('name');
      return 'Ada Ltd';
    }
  }

  @Resolver(() => Customer)
  class OpenReferenceResolver extends CustomersResolver {
    @ResolveReference() @Public() override find({ id }: { id: string }): Customer {
      return { id };
    }
  }

  const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { id name } } }';
  const variables = { of: [{ __typename: 'Customer', id: '7' }] };
  const federated = (extras: object = {}) =>
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloFederationDriver,
      // Named, since the newest that NestJS would name needs a library that does not run on Node 20.
      autoSchemaFile: {
        federation: {
          version: 2,
          importUrl: 'https://specs.apollo.dev/federation/v2.3',
          directives: ['@key'],
        },
      },
      ...extras,
    });

  it('whose reference resolvers would not be guarded do not boot', async () => {
    expect(String(await bootFailure(moduleWith(federated(), [CustomersResolver])))).toMatch(
      /CustomersResolver\.find \(reference resolver\)/,
    );
  });

  it.each([
    ['the reference', CustomersResolver],
    ['the field of an open reference', OpenReferenceResolver],
  ])('are judged by %s', async (_, resolver) => {
    const graphql = federated({ fieldResolverEnhancers: ['guards'] });
    const { origin } = await serve('express', moduleWith(graphql, [resolver]));
    expect(await post(origin, query, {}, variables)).toContain('"code":"credentials_missing"');
    expect(reached).toEqual([]);
    expect(await post(origin, query, reader(), variables)).toBe(
      '{"data":{"_entities":[{"id":"7","name":"Ada Ltd"}]}}',
    );
  });
});
