import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { EntraGuardModule } from '@entra-guard/nestjs';
import {
  fromPayload,
  type MicroserviceContextOptions,
  microserviceContext,
} from '@entra-guard/nestjs/microservices';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  NatsRecordBuilder,
  RmqRecordBuilder,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { moduleOf } from '../../nest/platforms.js';
import { handlerClasses } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';

const major = Number(process.env.NEST_MAJOR);

/** A transport, and how a client of it sends a token along. */
interface Carrier {
  readonly options: () => Promise<MicroserviceOptions>;
  readonly context?: MicroserviceContextOptions;
  readonly message: (authorization: string | undefined) => unknown;
}

const inPayload = (authorization: string | undefined) =>
  authorization === undefined ? {} : { authorization };

export const carriers = {
  TCP: {
    options: async () => ({
      transport: Transport.TCP as const,
      options: { host: '127.0.0.1', port: await freePort() },
    }),
    context: { authorization: fromPayload('authorization') },
    message: inPayload,
  },
  Redis: {
    options: async () => ({
      transport: Transport.REDIS as const,
      options: { host: '127.0.0.1', port: 6379 },
    }),
    context: { authorization: fromPayload('authorization') },
    message: inPayload,
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
const ports: Readonly<Partial<Record<CarrierName, number>>> = { NATS: 4222, Redis: 6379, RabbitMQ: 5672 };

/** Why a transport can't be tried here; `undefined` when it can, and in CI, which has every server or fails. */
export async function whyNot(name: CarrierName): Promise<string | undefined> {
  const port = ports[name];
  if (port === undefined || process.env.CI === 'true' || (await answers(port))) return undefined;
  return `no server on 127.0.0.1:${port}`;
}

/** A microservice by itself: global guards run. */
export function microservice(name: CarrierName): StartContext {
  return async (entra) => {
    // Servers are shared by whatever runs on this machine.
    const scope = randomUUID();
    const carrier: Carrier = carriers[name];
    const controllers = [
      ...handlerClasses((operation) => [MessagePattern(`${scope}.${operation}`)], [Controller()]),
    ];
    const contexts = [microserviceContext(carrier.context)];
    const imports = [EntraGuardModule.forRoot({ ...quietOptions(entra), contexts })];
    const options = await carrier.options();
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      moduleOf({ imports, controllers }),
      {
        ...options,
        logger: false,
        abortOnError: false,
      },
    );
    await app.listen();
    const client = ClientProxyFactory.create(
      options as Parameters<typeof ClientProxyFactory.create>[0],
    ) as ClientProxy;
    await client.connect();
    return {
      close: async () => {
        await client.close();
        await confirmed(app);
        await app.close();
      },
      call: (operation, authorization) =>
        lastValueFrom(client.send<string>(`${scope}.${operation}`, carrier.message(authorization))).then(
          (gave) => ({ gave }),
          (refusal: { code: string }) => ({ code: refusal.code }),
        ),
    };
  };
}

/** Closing rejects answers that RabbitMQ has not confirmed yet, and nobody hears of it. */
async function confirmed(app: INestMicroservice): Promise<void> {
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
  const requireFrom = createRequire(new URL(`../../nest${major}/package.json`, import.meta.url));
  const { headers } = requireFrom(major >= 12 ? '@nats-io/transport-node' : 'nats');
  const made = headers();
  if (authorization !== undefined) made.set('authorization', authorization);
  return made;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
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
