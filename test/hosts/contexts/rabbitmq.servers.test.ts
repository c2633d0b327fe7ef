import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import { microserviceContext } from '@entra-guard/nestjs/microservices';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  RmqContext,
  RmqRecordBuilder,
  Transport,
} from '@nestjs/microservices';
import { EMPTY, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { moduleOf } from '../nest/platforms.js';
import { quietOptions } from './host.js';
import { whyNot } from './hosts/microservices.js';

const reason = await whyNot('RabbitMQ');
const URL_OF_RABBITMQ = 'amqp://127.0.0.1:5672';

interface Amqp {
  connect(url: string): Promise<{
    createChannel(): Promise<{
      assertQueue(name: string, options: object): Promise<unknown>;
      checkQueue(name: string): Promise<{ messageCount: number; consumerCount: number }>;
    }>;
    close(): Promise<void>;
  }>;
}
const { connect } = createRequire(new URL(`../nest/${process.env.NEST_MAJOR}/package.json`, import.meta.url))(
  'amqplib',
) as Amqp;

let entra: LocalEntra;
let seen: string[];
let caught: number;
beforeEach(async () => {
  entra = await startEntra();
  seen = [];
  caught = 0;
});
afterEach(() => entra.close());

@Controller()
@RequireScopes('Read')
class OrdersController {
  @MessagePattern('ask') ask(@Ctx() context: RmqContext): string {
    context.getChannelRef().ack(context.getMessage());
    return 'answered';
  }
  @EventPattern('tell') tell(@Ctx() context: RmqContext): void {
    seen.push('told');
    context.getChannelRef().ack(context.getMessage());
  }
}

function settle(host: ArgumentsHost): void {
  caught += 1;
  const context = host.switchToRpc().getContext<RmqContext>();
  context.getChannelRef().ack(context.getMessage());
}

@Catch()
class AckingFilter implements ExceptionFilter {
  catch(_: unknown, host: ArgumentsHost) {
    settle(host);
    return EMPTY;
  }
}

@Catch()
class SlowlyAckingFilter implements ExceptionFilter {
  async catch(_: unknown, host: ArgumentsHost) {
    await setImmediate();
    await setImmediate();
    settle(host);
    return EMPTY;
  }
}

@UseFilters(AckingFilter)
class FilteredController extends OrdersController {}

@UseFilters(SlowlyAckingFilter)
class SlowlyFilteredController extends OrdersController {}

/** Sees refusals and settles nothing. */
@Catch()
class CountingFilter implements ExceptionFilter {
  catch() {
    caught += 1;
    return EMPTY;
  }
}

@UseFilters(CountingFilter)
class CountedController extends OrdersController {}

async function start(controller: new () => object = OrdersController, noAck = false) {
  const queue = `entra-guard-${randomUUID()}`;
  const refused = `${queue}-refused`;
  const connection = await connect(URL_OF_RABBITMQ);
  const channel = await connection.createChannel();
  await channel.assertQueue(refused, { durable: false, exclusive: true });
  const options = {
    transport: Transport.RMQ as const,
    options: {
      urls: [URL_OF_RABBITMQ],
      queue,
      noAck,
      prefetchCount: 2,
      queueOptions: {
        durable: false,
        autoDelete: true,
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': refused },
      },
    },
  };
  const imports = [EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [microserviceContext()] })];
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    moduleOf({ imports, controllers: [controller] }),
    { ...options, logger: false, abortOnError: false },
  );
  await app.listen();
  const client = ClientProxyFactory.create({ ...options, options: { ...options.options, noAck: true } });
  await client.connect();
  onTestFinished(async () => {
    await client.close();
    await app.close();
    await connection.close();
  });
  const record = (headers: Record<string, string> = {}) =>
    new RmqRecordBuilder({}).setOptions({ headers }).build();
  const ada = () => ({ ...entra.user('ada', { scp: 'Read' }).headers });
  return {
    ask: (headers?: Record<string, string>) =>
      lastValueFrom(client.send<string>('ask', record(headers)), { defaultValue: 'nothing' }).catch(
        ({ code }: { code: string }) => code,
      ),
    tell: (headers?: Record<string, string>) =>
      lastValueFrom(client.emit('tell', record(headers)), { defaultValue: undefined }),
    ada,
    counts: async () => {
      const [waiting, dead] = [await channel.checkQueue(queue), await channel.checkQueue(refused)];
      return { waiting: waiting.messageCount, consumers: waiting.consumerCount, refused: dead.messageCount };
    },
  };
}

describe.skipIf(reason !== undefined)(
  `refused messages of RabbitMQ that have to be settled${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    it('are answered, go to the dead-letter exchange, and leave room for others', async () => {
      const { ask, ada, counts } = await start();
      for (let index = 0; index < 5; index += 1) expect(await ask()).toBe('credentials_missing');
      expect(await ask(ada())).toBe('answered');
      await vi.waitUntil(async () => (await counts()).refused === 5, { timeout: 5000 });
      expect(await counts()).toEqual({ waiting: 0, consumers: 1, refused: 5 });
    });

    it('go there as events too', async () => {
      const { tell, ada, counts } = await start();
      for (let index = 0; index < 5; index += 1) await tell(entra.wrong.expired().headers);
      await tell(ada());
      await vi.waitUntil(() => seen.length > 0, { timeout: 5000 });
      await vi.waitUntil(async () => (await counts()).refused === 5, { timeout: 5000 });
      expect(await counts()).toEqual({ waiting: 0, consumers: 1, refused: 5 });
      expect(seen).toEqual(['told']);
    });

    it('are put back once, as events, where keys are unavailable', async () => {
      entra.fail('keys', 503);
      const { tell, ada, counts } = await start(CountedController);
      await tell(ada());
      await vi.waitUntil(async () => (await counts()).refused === 1, { timeout: 5000 });
      expect(await counts()).toEqual({ waiting: 0, consumers: 1, refused: 1 });
      expect(caught).toBe(2);
      expect(seen).toEqual([]);
    });

    it.each([
      ['at once', FilteredController],
      ['late', SlowlyFilteredController],
    ])('are settled once where an exception filter does so %s', async (_, controller) => {
      const { tell, ada, counts } = await start(controller);
      for (let index = 0; index < 5; index += 1) await tell();
      await tell(ada());
      await vi.waitUntil(() => seen.length > 0 && caught === 5, { timeout: 5000 });
      await tell(ada());
      await vi.waitUntil(() => seen.length > 1, { timeout: 5000 });
      const { consumers, refused } = await counts();
      expect(consumers).toBe(1);
      expect(refused).toBe(controller === FilteredController ? 0 : 5);
    });

    it('are left alone where RabbitMQ takes them for settled', async () => {
      @Controller()
      @RequireScopes('Read')
      class QuietController {
        @MessagePattern('ask') ask(): string {
          return 'answered';
        }
      }
      const { ask, ada, counts } = await start(QuietController, true);
      for (let index = 0; index < 5; index += 1) expect(await ask()).toBe('credentials_missing');
      expect(await ask(ada())).toBe('answered');
      expect(await counts()).toEqual({ waiting: 0, consumers: 1, refused: 0 });
    });
  },
);
