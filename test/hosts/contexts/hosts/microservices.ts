import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import {
  assertCovered,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
} from '@entra-guard/nestjs';
import {
  fromPayload,
  type MicroserviceContextOptions,
  microserviceContext,
} from '@entra-guard/nestjs/microservices';
import { Controller, type ExecutionContext, Injectable, type Type, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  MqttRecordBuilder,
  NatsRecordBuilder,
  RmqRecordBuilder,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';
import { expect, vi } from 'vitest';
import { freePort } from '../../../../scripts/free-port.mjs';
import { adapterOf, moduleOf } from '../../nest/platforms.js';
import { handlerClasses, whoIs } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';
import type { Outcome } from '../rows.js';

const major = Number(process.env.NEST_MAJOR);

/** A transport, and how a client of it sends a token along. */
interface Carrier {
  readonly options: () => Promise<MicroserviceOptions>;
  readonly context?: MicroserviceContextOptions;
  /** What is sent; some clients are told of the token beside it. */
  readonly message: (authorization: string | undefined, client: ClientProxy) => unknown;
}

const inPayload = (authorization: string | undefined) =>
  authorization === undefined ? {} : { authorization };

const tcp = async () => ({
  transport: Transport.TCP as const,
  options: { host: '127.0.0.1', port: await freePort() },
});
const redis = async () => ({
  transport: Transport.REDIS as const,
  options: { host: '127.0.0.1', port: 6379 },
});

/** NestJS 12's hook before a packet is sent. */
interface Dispatching {
  setOnDispatchHook(hook: (packet: { metadata?: unknown }) => void): void;
}

function inMetadata(authorization: string | undefined, client: ClientProxy): unknown {
  (client as unknown as Dispatching).setOnDispatchHook((packet) => {
    packet.metadata = inPayload(authorization);
  });
  return {};
}

export const carriers = {
  TCP: {
    options: tcp,
    context: { authorization: fromPayload('authorization') },
    message: inPayload,
  },
  Redis: {
    options: redis,
    context: { authorization: fromPayload('authorization') },
    message: inPayload,
  },
  // From NestJS 12 on, what a hook of the client adds to each packet.
  'TCP, metadata of the packet': {
    options: tcp,
    message: inMetadata,
  },
  'Redis, metadata of the packet': {
    options: redis,
    message: inMetadata,
  },
  'MQTT 5': {
    options: async () => ({
      transport: Transport.MQTT as const,
      options: { url: 'mqtt://127.0.0.1:1883', protocolVersion: 5 as const },
    }),
    // Empty properties are not delivered.
    message: (authorization) =>
      authorization === undefined
        ? {}
        : new MqttRecordBuilder({}).setProperties({ userProperties: { authorization } }).build(),
  },
  NATS: {
    options: async () => ({
      transport: Transport.NATS as const,
      options: { servers: ['nats://127.0.0.1:4222'] },
    }),
    message: (authorization) => new NatsRecordBuilder({}).setHeaders(natsHeaders(authorization)).build(),
  },
  RabbitMQ: {
    options: async () => ({
      transport: Transport.RMQ as const,
      options: {
        urls: ['amqp://127.0.0.1:5672'],
        queue: `entra-guard-${randomUUID()}`,
        queueOptions: { durable: false, autoDelete: true },
      },
    }),
    message: (authorization) =>
      new RmqRecordBuilder({})
        .setOptions({ headers: inPayload(authorization) as Record<string, string> })
        .build(),
  },
} satisfies Record<string, Carrier>;

export type CarrierName = keyof typeof carriers;

/** Where the servers of transports are looked for. TCP needs none. */
const ports: Readonly<Partial<Record<CarrierName, number>>> = {
  NATS: 4222,
  Redis: 6379,
  'Redis, metadata of the packet': 6379,
  RabbitMQ: 5672,
  'MQTT 5': 1883,
};

const carrierNames = (Object.keys(carriers) as CarrierName[]).filter(
  (name) => major >= 12 || !name.endsWith('metadata of the packet'),
);

/** The transports of this version of NestJS that need no server. */
export const localCarrierNames = carrierNames.filter((name) => ports[name] === undefined);

/** The transports of this version of NestJS that need a server. */
export const serverCarrierNames = carrierNames.filter((name) => ports[name] !== undefined);

/** Why a transport can't be tried here; `undefined` when it can, and in CI, which has every server or fails. */
export async function whyNot(name: CarrierName): Promise<string | undefined> {
  const port = ports[name];
  if (port === undefined || process.env.CI === 'true' || (await answers(port))) return undefined;
  return `no server on 127.0.0.1:${port}`;
}

/** How a microservice comes to its guard. */
type Kind = 'alone' | 'hybrid, inheritAppConfig' | 'hybrid, @UseGuards';

/** Messages, which are answered. */
export function microservice(name: CarrierName, kind: Kind = 'alone'): StartContext {
  return async (entra) => {
    // Servers are shared by whatever runs on this machine.
    const scope = randomUUID();
    const controllers = handlerClasses(
      (operation) => [MessagePattern(`${scope}.${operation}`)],
      [Controller(), ...(kind === 'hybrid, @UseGuards' ? [UseGuards(EntraGuard)] : [])],
    );
    const { client, close } = await started(name, kind, controllers, quietOptions(entra));
    return {
      close,
      call: (operation, authorization) => {
        const message = carriers[name].message(authorization, client);
        return lastValueFrom(client.send<string>(`${scope}.${operation}`, message)).then(
          (gave) => ({ gave }),
          (refusal: { code: string }) => ({ code: refusal.code }),
        );
      },
    };
  };
}

/** Events, which nobody answers: what became of one is seen on the side of the handler. */
export function events(name: CarrierName): StartContext {
  return async (entra) => {
    const scope = randomUUID();
    const seen = new Seen();
    @Injectable()
    class TellingGuard extends EntraGuard {
      protected override toException(error: unknown, context: ExecutionContext): unknown {
        seen.add({ code: (error as { code: string }).code });
        return super.toException(error, context);
      }
    }
    const controllers = handlerClasses(
      (operation) => [EventPattern(`${scope}.${operation}`) as MethodDecorator],
      [Controller()],
      (_, auth) => seen.add({ gave: whoIs(auth) }),
    );
    const options = { ...quietOptions(entra), guard: TellingGuard };
    const { client, close } = await started(name, 'alone', controllers, options);
    const emit = (operation: string, authorization?: string) =>
      lastValueFrom(
        client.emit(
          `${scope}.${operation}`,
          carriers[name].message(authorization, client),
        ) as Observable<unknown>,
        { defaultValue: undefined },
      );
    return {
      close,
      call: async (operation, authorization) => {
        await emit(operation, authorization);
        const outcome = await seen.next();
        // Whatever else the first event would bring about comes before what a second one does.
        await emit('open');
        expect(await seen.next()).toEqual({ gave: 'nobody' });
        return outcome;
      },
    };
  };
}

/** What became of events, in their order. */
class Seen {
  readonly #outcomes: Outcome[] = [];

  add(outcome: Outcome): void {
    this.#outcomes.push(outcome);
  }

  async next(): Promise<Outcome> {
    await vi.waitUntil(() => this.#outcomes.length > 0, { interval: 2, timeout: 5000 });
    return this.#outcomes.shift() as Outcome;
  }
}

async function started(
  name: CarrierName,
  kind: Kind,
  controllers: readonly Type[],
  guardOptions: EntraGuardModuleOptions,
): Promise<{ readonly client: ClientProxy; readonly close: () => Promise<void> }> {
  const carrier: Carrier = carriers[name];
  const imports = [
    EntraGuardModule.forRoot({ ...guardOptions, contexts: [microserviceContext(carrier.context)] }),
  ];
  const options = await carrier.options();
  const module = moduleOf({ imports, controllers: [...controllers] });
  const app =
    kind === 'alone'
      ? await alone(module, options)
      : await hybrid(module, options, kind.endsWith('inheritAppConfig'));
  const client = ClientProxyFactory.create(
    options as Parameters<typeof ClientProxyFactory.create>[0],
  ) as ClientProxy;
  await client.connect();
  return {
    client,
    close: async () => {
      await client.close();
      await confirmed(app.microservice);
      await app.close();
    },
  };
}

interface Running {
  readonly microservice: object;
  readonly close: () => Promise<unknown>;
}

const quiet = { logger: false, abortOnError: false } as const;

/** A microservice by itself: global guards run. */
async function alone(module: Type, options: MicroserviceOptions): Promise<Running> {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, { ...options, ...quiet });
  await app.listen();
  return { microservice: app, close: () => app.close() };
}

/** One that is connected to an HTTP application. */
async function hybrid(
  module: Type,
  options: MicroserviceOptions,
  inheritAppConfig: boolean,
): Promise<Running> {
  const app = await NestFactory.create(module, adapterOf('express'), quiet);
  const microservice = app.connectMicroservice(options, { inheritAppConfig });
  assertCovered(app);
  await app.startAllMicroservices();
  await app.init();
  return { microservice, close: () => app.close() };
}

/** Closing rejects answers that RabbitMQ has not confirmed yet, and nobody hears of it. */
async function confirmed(app: object): Promise<void> {
  // Its name differs between the majors, and neither Nest nor its library tells when all is confirmed.
  const { server, serverInstance } = app as unknown as Record<
    'server' | 'serverInstance',
    { readonly channel?: { readonly _unconfirmedMessages?: readonly unknown[] } | null } | undefined
  >;
  const { channel } = serverInstance ?? server ?? {};
  while ((channel?._unconfirmedMessages?.length ?? 0) > 0) await setImmediate();
}

/** NATS has headers of its own, in a package that differs between the majors. */
function natsHeaders(authorization: string | undefined): { set(name: string, value: string): void } {
  const requireFrom = createRequire(new URL(`../../nest/${major}/package.json`, import.meta.url));
  const { headers } = requireFrom(major >= 12 ? '@nats-io/transport-node' : 'nats');
  const made = headers();
  if (authorization !== undefined) made.set('authorization', authorization);
  return made;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 });
    const settle = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.on('connect', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('timeout', () => settle(false));
  });
}
