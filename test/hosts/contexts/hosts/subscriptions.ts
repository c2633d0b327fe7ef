import { EntraGuard, EntraGuardModule } from '@entra-guard/nestjs';
import { graphqlContext } from '@entra-guard/nestjs/graphql';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, type ExecutionContext, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { adapterOf, moduleOf, type Platform } from '../../nest/platforms.js';
import { handlerClasses, whoIs } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';
import type { Outcome } from '../rows.js';
import { AboutResolver } from './graphql.js';

type Driver = 'Apollo' | 'Mercurius';
/** Where the token of a connection is: browsers can't set the header. */
type Way = 'header' | 'connectionParams';

const drivers: Readonly<Record<Driver, { platform: Platform; module: () => DynamicModule }>> = {
  Apollo: {
    platform: 'express',
    module: () =>
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
      }),
  },
  Mercurius: {
    platform: 'fastify',
    module: () =>
      GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        autoSchemaFile: true,
        subscription: true,
      }),
  },
};

/** Mercurius of NestJS 10 sends a refused subscriber the sentence without the code. */
const codeIsSent = (driver: Driver) => driver === 'Apollo' || process.env.NEST_MAJOR !== '10';

/** Subscriptions over graphql-ws: one value, and then the end. */
export function subscriptions(driver: Driver, way: Way): StartContext {
  return async (entra) => {
    let refused: string | undefined;
    @Injectable()
    class TellingGuard extends EntraGuard {
      protected override toException(error: unknown, context: ExecutionContext): unknown {
        refused = (error as { code: string }).code;
        return super.toException(error, context);
      }
    }
    const resolvers = handlerClasses(
      () => [Subscription(() => String, { resolve: ({ gave }: { gave: string }) => gave })],
      [Resolver()],
      async function* (_, auth) {
        yield { gave: whoIs(auth) };
      },
    );
    const { platform, module } = drivers[driver];
    const contexts = [graphqlContext()];
    const imports = [
      module(),
      EntraGuardModule.forRoot({ ...quietOptions(entra), contexts, guard: TellingGuard }),
    ];
    const app = await NestFactory.create(
      moduleOf({ imports, providers: [...resolvers, AboutResolver] }),
      adapterOf(platform),
      { logger: false, abortOnError: false },
    );
    await app.listen(0, '127.0.0.1');
    const url = `${(await app.getUrl()).replace('http', 'ws')}/graphql`;
    return {
      close: () => app.close(),
      call: async (operation, authorization) => {
        const outcome = await subscribe(url, operation, way, authorization);
        if ('gave' in outcome || codeIsSent(driver)) return outcome;
        return { code: String(refused) };
      },
    };
  };
}

async function subscribe(
  url: string,
  operation: string,
  way: Way,
  authorization: string | undefined,
): Promise<Outcome> {
  class WithHeader extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      const inHeader = way === 'header' && authorization !== undefined;
      super(address, protocols, inHeader ? { headers: { authorization } } : {});
    }
  }
  const inParams = way === 'connectionParams' && authorization !== undefined;
  const client = createClient({
    url,
    webSocketImpl: WithHeader,
    retryAttempts: 0,
    ...(inParams ? { connectionParams: { authorization } } : {}),
  });
  try {
    const query = `subscription { ${operation} }`;
    const { value } = await client.iterate<Record<string, string>>({ query }).next();
    const { data, errors } = value as {
      data?: Record<string, string>;
      errors?: readonly { extensions?: { code?: string } }[];
    };
    return errors ? codeOf(errors) : { gave: String(data?.[operation]) };
  } catch (errors) {
    return codeOf(errors as readonly { extensions?: { code?: string } }[]);
  } finally {
    await client.dispose();
  }
}

function codeOf(errors: readonly { readonly extensions?: { readonly code?: string } }[]): Outcome {
  return { code: String(errors[0]?.extensions?.code) };
}
