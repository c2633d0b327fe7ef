import { EntraGuardModule, Public } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
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

export function apollo(platform: Platform, kind: 'query' | 'mutation'): StartContext {
  return async (entra) => {
    const decorator = kind === 'query' ? Query : Mutation;
    const resolvers = handlerClasses(() => [decorator(() => String)], [Resolver()]);
    const imports = [
      GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
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
