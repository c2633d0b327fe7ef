import 'reflect-metadata';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningContext, StartContext } from './host.js';
import { apollo, mercurius } from './hosts/graphql.js';
import { grpc } from './hosts/grpc.js';
import { http } from './hosts/http.js';
import { microservice, whyNot } from './hosts/microservices.js';
import { gateways } from './hosts/websockets.js';
import { contextRows } from './rows.js';

/** Transports whose server does not run here are skipped, and the title says so. */
const transports = await Promise.all(
  (['TCP', 'Redis', 'NATS', 'RabbitMQ'] as const).map(async (name) => ({ name, reason: await whyNot(name) })),
);

const hosts: readonly (readonly [name: string, start: StartContext])[] = [
  ['HTTP on Express', http('express')],
  ['HTTP on Fastify', http('fastify')],
  ['GraphQL with Apollo on Express, queries', apollo('express', 'query')],
  ['GraphQL with Apollo on Fastify, mutations', apollo('fastify', 'mutation')],
  ['GraphQL with Mercurius, queries', mercurius('query')],
  ['GraphQL with Mercurius, mutations', mercurius('mutation')],
  ['gateways on socket.io', gateways('socket.io')],
  ['gateways on ws', gateways('ws')],
  ['microservice over gRPC', grpc],
  ...transports.flatMap(({ name, reason }) =>
    reason === undefined ? [[`microservice over ${name}`, microservice(name)] as const] : [],
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
