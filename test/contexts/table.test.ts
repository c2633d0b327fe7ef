import 'reflect-metadata';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningContext, StartContext } from './host.js';
import { apollo, mercurius } from './hosts/graphql.js';
import { grpc } from './hosts/grpc.js';
import { http, sse } from './hosts/http.js';
import { carrierNames, events, microservice, whyNot } from './hosts/microservices.js';
import { subscriptions } from './hosts/subscriptions.js';
import { gateways } from './hosts/websockets.js';
import { contextRows } from './rows.js';

/** Transports whose server does not run here are skipped, and the title says so. */
const transports = await Promise.all(
  carrierNames.map(async (name) => ({ name, reason: await whyNot(name) })),
);

const hosts: readonly (readonly [name: string, start: StartContext])[] = [
  ['HTTP on Express', http('express')],
  ['HTTP on Fastify', http('fastify')],
  ['server-sent events on Express', sse('express')],
  ['server-sent events on Fastify', sse('fastify')],
  ['GraphQL with Apollo on Express, queries', apollo('express', 'query')],
  ['GraphQL with Apollo on Fastify, mutations', apollo('fastify', 'mutation')],
  ['GraphQL with Apollo on Express, fields', apollo('express', 'field')],
  ['GraphQL with Mercurius, queries', mercurius('query')],
  ['GraphQL with Mercurius, mutations', mercurius('mutation')],
  ['GraphQL with Mercurius, fields', mercurius('field')],
  ['GraphQL with Apollo, subscriptions, header', subscriptions('Apollo', 'header')],
  ['GraphQL with Apollo, subscriptions, as browsers do', subscriptions('Apollo', 'connectionParams')],
  ['GraphQL with Mercurius, subscriptions, header', subscriptions('Mercurius', 'header')],
  ['GraphQL with Mercurius, subscriptions, as browsers do', subscriptions('Mercurius', 'connectionParams')],
  ['gateways on socket.io, header', gateways('socket.io')],
  ['gateways on socket.io, as browsers do', gateways('socket.io', 'as browsers do')],
  ['gateways on ws, header', gateways('ws')],
  ['gateways on ws, as browsers do', gateways('ws', 'as browsers do')],
  ['microservice over gRPC', grpc],
  ['hybrid microservice over TCP, inheritAppConfig', microservice('TCP', 'hybrid, inheritAppConfig')],
  ['hybrid microservice over TCP, @UseGuards', microservice('TCP', 'hybrid, @UseGuards')],
  ...transports.flatMap(({ name, reason }) =>
    reason === undefined
      ? [
          [`microservice over ${name}`, microservice(name)] as const,
          [`events over ${name}`, events(name)] as const,
        ]
      : [],
  ),
];

describe.each(hosts)(`Nest ${process.env.NEST_MAJOR}, %s`, (_, start) => {
  let entra: LocalEntra;
  let running: RunningContext;

  beforeAll(async () => {
    entra = await startEntra();
    running = await start(entra);
  });

  afterAll(async () => {
    await running?.close();
    await entra?.close();
  });

  it.each(contextRows.map((row) => [row.name, row] as const))(
    '%s',
    async (_name, { operation, token, outcome }) => {
      expect(await running.call(operation, token(entra)?.headers.authorization)).toEqual(outcome);
    },
  );
});

for (const { name, reason } of transports) {
  if (reason !== undefined) it.skip(`microservice over ${name}: ${reason}`);
}
