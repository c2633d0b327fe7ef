import 'reflect-metadata';
import {
  assertCovered,
  ConfigurationError,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  Public,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import {
  fromHeaders,
  fromPayload,
  type MicroserviceContextOptions,
  microserviceContext,
} from '@entra-guard/nestjs/microservices';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Metadata } from '@grpc/grpc-js';
import {
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  type Type,
  UseGuards,
} from '@nestjs/common';
import {
  ClientProxyFactory,
  EventPattern,
  KafkaContext,
  MessagePattern,
  MqttContext,
  NatsContext,
  RmqContext,
  type RpcException,
  TcpContext,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../scripts/free-port.mjs';
import { bootFailure, create } from '../nest/platforms.js';

const major = Number(process.env.NEST_MAJOR);

let entra: LocalEntra;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.close());

@Controller('orders')
@RequireScopes('Read')
class OrdersController {
  @Get() list(): string {
    return 'orders';
  }
  @MessagePattern('orders.list') messages(): string {
    return 'orders';
  }
  @EventPattern('orders.placed') @Public() placed(_data: unknown): void {}
}

@Controller('plain')
class PlainController {
  @MessagePattern('plain') messages(): string {
    return 'plain';
  }
}

function metadata(
  controllers: Type[],
  context: MicroserviceContextOptions = {},
  extras: Partial<EntraGuardModuleOptions> = {},
) {
  const options = { ...entra.options(), log: false, contexts: [microserviceContext(context)], ...extras };
  return { imports: [EntraGuardModule.forRoot(options as EntraGuardModuleOptions)], controllers };
}

async function tcp(): Promise<{ transport: Transport.TCP; options: { host: string; port: number } }> {
  return { transport: Transport.TCP, options: { host: '127.0.0.1', port: await freePort() } };
}

describe('a hybrid application', () => {
  async function hybrid(inheritAppConfig: boolean, controllers: Type[] = [OrdersController]) {
    const app = await create(
      'express',
      metadata(controllers, { authorization: fromPayload('authorization') }),
    );
    const options = await tcp();
    app.connectMicroservice(options, { inheritAppConfig });
    return { app, options };
  }

  const started = new WeakSet<INestApplication>();

  async function send(
    app: INestApplication,
    options: Awaited<ReturnType<typeof tcp>>,
    data: object,
    pattern = 'orders.list',
  ) {
    if (!started.has(app)) await app.startAllMicroservices();
    started.add(app);
    const client = ClientProxyFactory.create(options);
    onTestFinished(() => void client.close());
    return lastValueFrom(client.send<string>(pattern, data)).catch(({ code }) => code);
  }

  it('starts however its microservices are connected: the guard stands on the handlers', async () => {
    expect(await bootFailure(metadata([OrdersController, PlainController]))).toBeUndefined();
  });

  it.each([true, false])(
    'is guarded from its first message on, before it listens, with inheritAppConfig: %s',
    async (inheritAppConfig) => {
      const { app, options } = await hybrid(inheritAppConfig, [OrdersController, PlainController]);
      assertCovered(app);
      // It never listens, so that nothing has looked at its handlers.
      expect(await send(app, options, {})).toBe('credentials_missing');
      expect(await send(app, options, entra.user('ada', { scp: 'Other' }).headers)).toBe('scope_missing');
      expect(await send(app, options, entra.user('ada', { scp: 'Read' }).headers)).toBe('orders');
      expect(await send(app, options, entra.user('ada', { scp: 'Read' }).headers, 'plain')).toBe(
        'no_requirement',
      );
      await app.init();
    },
  );

  it('is guarded where one of several microservices does not inherit, also one that is connected late', async () => {
    const { app } = await hybrid(true);
    assertCovered(app);
    const late = await tcp();
    app.connectMicroservice(late);
    await app.init();
    assertCovered(app);
    expect(await send(app, late, {})).toBe('credentials_missing');
  });

  it('is guarded with defaultRequirement and with handlers', async () => {
    for (const extras of [
      { defaultRequirement: scopes('Read') },
      { handlers: [[PlainController, scopes('Read')] as const] },
    ]) {
      const context = { authorization: fromPayload('authorization') };
      const app = await create('express', metadata([PlainController], context, extras));
      const options = await tcp();
      app.connectMicroservice(options);
      expect(await send(app, options, {}, 'plain')).toBe('credentials_missing');
      expect(await send(app, options, entra.user('ada', { scp: 'Read' }).headers, 'plain')).toBe('plain');
    }
  });

  it('boots where the declaration says so', async () => {
    expect(await bootFailure(metadata([OrdersController], { inheritAppConfig: true }))).toBeUndefined();
  });

  it('boots with @UseGuards(EntraGuard), which guards without the application’s configuration', async () => {
    @UseGuards(EntraGuard)
    @Controller()
    @RequireScopes('Read')
    class GuardedController {
      @MessagePattern('orders.list') messages(): string {
        return 'orders';
      }
    }
    const { app, options } = await hybrid(false, [GuardedController]);
    await app.init();
    expect(await send(app, options, {})).toBe('credentials_missing');
    const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
    const client = ClientProxyFactory.create(options);
    onTestFinished(() => void client.close());
    expect(await lastValueFrom(client.send('orders.list', { authorization }))).toBe('orders');
  });

  it('whose context is not registered does not boot', async () => {
    expect(String(await bootFailure(metadata([OrdersController], {}, { contexts: [] })))).toContain(
      "OrdersController.messages (pattern 'orders.list'). Give EntraGuardModule contexts: [microserviceContext()]",
    );
  });

  it('assertCovered says so where the module is missing', async () => {
    expect(() =>
      assertCovered({
        get: () => {
          throw new Error('none');
        },
      } as unknown as INestApplication),
    ).toThrow(/without EntraGuardModule/);
  });
});

describe('the token of a message', () => {
  const bearer = 'Bearer abc';
  const grpcMetadata = new Metadata();
  grpcMetadata.set('authorization', bearer);
  const repeated = new Metadata();
  repeated.add('authorization', bearer);
  repeated.add('authorization', 'Bearer def');
  const natsHeaders = (name: string, ...values: string[]) =>
    ({ keys: () => [name], values: () => values }) as never;

  it.each<[string, unknown, unknown]>([
    ['Kafka, text', new KafkaContext([{ headers: { authorization: bearer } }] as never), [bearer]],
    [
      'Kafka, bytes',
      new KafkaContext([{ headers: { Authorization: Buffer.from(bearer) } }] as never),
      [bearer],
    ],
    ['Kafka, none', new KafkaContext([{}] as never), []],
    ['RabbitMQ', new RmqContext([{ properties: { headers: { authorization: bearer } } }] as never), [bearer]],
    ['RabbitMQ, none', new RmqContext([{ properties: {} }] as never), []],
    [
      'MQTT 5',
      new MqttContext(['t', { properties: { userProperties: { authorization: bearer } } }] as never),
      [bearer],
    ],
    ['NATS', new NatsContext(['subject', natsHeaders('Authorization', bearer)] as never), [bearer]],
    [
      'NATS, repeated',
      new NatsContext(['s', natsHeaders('authorization', bearer, 'x')] as never),
      [bearer, 'x'],
    ],
    ['NATS, none', new NatsContext(['subject', undefined] as never), []],
    ['gRPC', grpcMetadata, [bearer]],
    ['gRPC, repeated', repeated, [bearer, 'Bearer def']],
    ['TCP without metadata', new TcpContext([{} as never, 'pattern'] as never), []],
    ['nothing', undefined, []],
  ])('%s', (_, context, values) => {
    const found = fromHeaders({ data: {}, context });
    expect(found.filter((value) => value !== undefined).map(String)).toEqual(values);
  });

  it.skipIf(major < 12)('TCP with metadata, from NestJS 12 on', () => {
    const context = new TcpContext([{} as never, 'pattern', { authorization: bearer }] as never);
    expect(fromHeaders({ data: {}, context })).toEqual([bearer]);
  });

  it('in the payload: its own property only', () => {
    const source = fromPayload('authorization');
    expect(source({ data: { authorization: bearer }, context: undefined })).toEqual([bearer]);
    expect(source({ data: Object.create({ authorization: bearer }), context: undefined })).toEqual([]);
    expect(source({ data: 'text', context: undefined })).toEqual([]);
  });

  it.each([
    ['twice', () => ['Bearer a', 'Bearer b'], 'credentials_malformed'],
    ['as an object', () => [{ toString: () => 'Bearer a' }], 'credentials_malformed'],
    ['empty', () => [''], 'credentials_malformed'],
    ['not at all', () => [undefined, null], 'credentials_missing'],
  ])('%s is refused by the core', async (_, authorization, code) => {
    const app = await create(
      'express',
      metadata([OrdersController], { authorization, inheritAppConfig: true }),
    );
    const context = {
      getType: () => 'rpc',
      getClass: () => OrdersController,
      getHandler: () => OrdersController.prototype.messages,
      getArgs: () => [{}, {}],
      switchToRpc: () => ({ getData: () => ({}), getContext: () => ({}) }),
    } as unknown as ExecutionContext;
    const answer = async () => app.get(EntraGuard).canActivate(context);
    const refusal: unknown = await answer().catch((error: unknown) => error);
    expect((refusal as RpcException).getError()).toMatchObject({ code });
  });

  it('a source has to be a function', () => {
    expect(() => microserviceContext({ authorization: 'header' as never })).toThrow(
      ConfigurationError as never,
    );
  });
});
