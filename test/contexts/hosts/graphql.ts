import { EntraGuardModule, Public } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { adapterOf, moduleOf, type Platform } from '../../nest/platforms.js';
import { handlerClasses } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';

/** A schema without a query is none. */
@Resolver()
class AboutResolver {
  @Query(() => String)
  @Public()
  about(): string {
    return 'orders';
  }
}

type Kind = 'query' | 'mutation';

export function apollo(platform: Platform, kind: Kind): StartContext {
  return graphql(platform, kind, () =>
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
  );
}

export function mercurius(kind: Kind): StartContext {
  return graphql('fastify', kind, () =>
    GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, autoSchemaFile: true }),
  );
}

function graphql(platform: Platform, kind: Kind, driver: () => DynamicModule): StartContext {
  return async (entra) => {
    const decorator = kind === 'query' ? Query : Mutation;
    const resolvers = handlerClasses(() => [decorator(() => String)], [Resolver()]);
    const imports = [
      driver(),
      EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [graphqlContext()] }),
    ];
    const providers = [...resolvers, ...(kind === 'query' ? [] : [AboutResolver])];
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
          body: JSON.stringify({ query: `${kind} { ${operation} }` }),
        });
        const { data, errors } = (await answer.json()) as {
          data?: Record<string, string> | null;
          errors?: readonly { message: string; extensions: { code: string } }[];
        };
        const [error] = errors ?? [];
        return error ? { code: error.extensions.code } : { gave: String(data?.[operation]) };
      },
    };
  };
}
