import 'reflect-metadata';
import { describeContexts } from './describe-contexts.js';
import type { StartContext } from './host.js';
import { apollo, mercurius } from './hosts/graphql.js';
import { grpc } from './hosts/grpc.js';
import { http, sse } from './hosts/http.js';
import { events, localCarrierNames, microservice } from './hosts/microservices.js';
import { subscriptions } from './hosts/subscriptions.js';
import { gateways } from './hosts/websockets.js';

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
  ...localCarrierNames.flatMap((name) => [
    [`microservice over ${name}`, microservice(name)] as const,
    [`events over ${name}`, events(name)] as const,
  ]),
];

describeContexts(hosts);
