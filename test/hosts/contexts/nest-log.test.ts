import 'reflect-metadata';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { StartContext } from './host.js';
import { apollo, mercurius } from './hosts/graphql.js';
import { grpc } from './hosts/grpc.js';
import { http, sse } from './hosts/http.js';
import { events, microservice } from './hosts/microservices.js';
import { subscriptions } from './hosts/subscriptions.js';
import { gateways } from './hosts/websockets.js';

const contexts: Readonly<Record<string, StartContext>> = {
  'HTTP on Express': http('express'),
  'HTTP on Fastify': http('fastify'),
  'server-sent events': sse('express'),
  'a query with Apollo': apollo('express', 'query'),
  'a mutation with Apollo': apollo('fastify', 'mutation'),
  'a field with Apollo': apollo('express', 'field'),
  'a query with Mercurius': mercurius('query'),
  'a field with Mercurius': mercurius('field'),
  'a subscription with Apollo': subscriptions('Apollo', 'header'),
  'a subscription with Mercurius': subscriptions('Mercurius', 'header'),
  'a gateway of ws': gateways('ws'),
  'a gateway of socket.io': gateways('socket.io'),
  'a message over TCP': microservice('TCP'),
  'an event over TCP': events('TCP'),
  'a call over gRPC': grpc,
};

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

it.each(Object.entries(contexts))(
  'Nest writes nothing about refusals of %s',
  { timeout: 20_000 },
  async (_, start) => {
    const { call, close } = await start(entra);
    const written: unknown[] = [];
    const keep = (...line: unknown[]) => void written.push(line);
    Logger.overrideLogger({ log: keep, warn: keep, error: keep, fatal: keep, debug: keep, verbose: keep });
    onTestFinished(async () => {
      Logger.overrideLogger(false);
      await close();
    });
    for (const token of [undefined, entra.wrong.expired(), entra.user('ada', { scp: 'Other' })]) {
      expect(await call('read', token?.headers.authorization)).toHaveProperty('code');
    }
    expect(await call('undeclared', undefined)).toHaveProperty('code');
    expect(written).toEqual([]);
  },
);
