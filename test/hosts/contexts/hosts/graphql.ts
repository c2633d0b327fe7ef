import { EntraGuardModule, Public } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Field, GraphQLModule, Mutation, ObjectType, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { adapterOf, moduleOf, type Platform } from '../../nest/platforms.js';
import { handlerClasses } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';

/** A schema without a query is none. */
@Resolver()
export class AboutResolver {
  @Query(() => String)
  @Public()
  about(): string {
    return 'orders';
  }
}

@ObjectType()
class Orders {
  @Field(() => String)
  name!: string;
}

/** The parent of the fields: open, so that the fields decide. */
@Resolver(() => Orders)
class ParentResolver {
  @Query(() => Orders)
  @Public()
  orders(): Orders {
    return { name: 'orders' };
  }
  @ResolveField(() => String)
  @Public()
  name(): string {
    return 'orders';
  }
}

type Kind = 'query' | 'mutation' | 'field';

/** Guards of fields run only where they are asked for. */
const enhancers = (kind: Kind) => (kind === 'field' ? { fieldResolverEnhancers: ['guards' as const] } : {});

export function apollo(platform: Platform, kind: Kind): StartContext {
  return graphql(platform, kind, () =>
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      ...enhancers(kind),
    }),
  );
}

export function mercurius(kind: Kind): StartContext {
  return graphql('fastify', kind, () =>
    GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      ...enhancers(kind),
    }),
  );
}

function resolversOf(kind: Kind): readonly Type[] {
  if (kind === 'field') {
    const fields = handlerClasses(() => [ResolveField(() => String)], [Resolver(() => Orders)]);
    return [...fields, ParentResolver];
  }
  const decorator = kind === 'query' ? Query : Mutation;
  const resolvers = handlerClasses(() => [decorator(() => String)], [Resolver()]);
  return kind === 'query' ? resolvers : [...resolvers, AboutResolver];
}

function documentOf(kind: Kind, operation: string): string {
  return kind === 'field' ? `{ given: orders { ${operation} } }` : `${kind} { ${operation} }`;
}

function graphql(platform: Platform, kind: Kind, driver: () => DynamicModule): StartContext {
  return async (entra) => {
    const imports = [
      driver(),
      EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [graphqlContext()] }),
    ];
    const providers = [...resolversOf(kind)];
    const app = await NestFactory.create(moduleOf({ imports, providers }), adapterOf(platform), {
      logger: false,
      abortOnError: false,
    });
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    return {
      close: () => app.close(),
      call: async (operation, authorization) => {
        const answer = await fetch(`${origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
          body: JSON.stringify({ query: documentOf(kind, operation) }),
        });
        const { data, errors } = (await answer.json()) as {
          data?: { readonly given?: Record<string, string> } & Record<string, unknown>;
          errors?: readonly { message: string; extensions: { code: string } }[];
        };
        const [error] = errors ?? [];
        return error ? { code: error.extensions.code } : { gave: String((data?.given ?? data)?.[operation]) };
      },
    };
  };
}
