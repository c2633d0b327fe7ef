import 'reflect-metadata';
import { EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import { microserviceContext } from '@entra-guard/nestjs/microservices';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Catch, Controller, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  EventPattern,
  KafkaRetriableException,
  MessagePattern,
  type MicroserviceOptions,
  ServerKafka,
} from '@nestjs/microservices';
import { throwError } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { moduleOf } from '../nest/platforms.js';
import { quietOptions } from './host.js';

let entra: LocalEntra;
let reached: string[];
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  reached = [];
});
afterAll(() => entra.close());

/** Nest's server without the broker: what kafkajs would call for each message is called by the test. */
class ServerOfTest extends ServerKafka {
  override async listen(callback: () => void): Promise<void> {
    callback();
  }
  override async close(): Promise<void> {}
}

@Controller()
@RequireScopes('Read')
class OrdersController {
  @EventPattern('placed') placed(_data: unknown): void {
    reached.push('placed');
  }
  @MessagePattern('asked') asked(): string {
    reached.push('asked');
    return 'answered';
  }
  @EventPattern('broken') broken(_data: unknown): void {
    throw new KafkaRetriableException('try again');
  }
}

@Catch()
class RetryingFilter implements ExceptionFilter {
  catch() {
    return throwError(() => new KafkaRetriableException('try again'));
  }
}

@UseFilters(RetryingFilter)
class RetryingController extends OrdersController {}

/** Resolves when kafkajs would go on to the next message, and rejects when it would come back to this one. */
async function start(controller: new () => object = OrdersController) {
  const strategy = new ServerOfTest({});
  const imports = [EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [microserviceContext()] })];
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    moduleOf({ imports, controllers: [controller] }),
    { strategy, logger: false, abortOnError: false },
  );
  onTestFinished(() => app.close());
  await app.listen();
  return (topic: string, headers: Record<string, string> = {}) =>
    strategy.handleMessage({
      topic,
      partition: 0,
      message: { key: null, value: Buffer.from('{}'), headers, timestamp: '0', attributes: 0, offset: '1' },
      heartbeat: async () => {},
      pause: () => () => {},
    });
}

const ada = () => ({ ...entra.user('ada', { scp: 'Read' }).headers });

describe('over Kafka a refused message', () => {
  it.each([
    ['without a token', 'placed', () => ({})],
    ['with an expired one', 'placed', () => ({ ...entra.wrong.expired().headers })],
    ['with the wrong scope', 'placed', () => ({ ...entra.user('ada', { scp: 'Other' }).headers })],
    ['that have no answer', 'asked', () => ({})],
  ])('%s is passed over, and those after it are handled', async (_, topic, headers) => {
    const deliver = await start();
    await deliver(topic, headers());
    expect(reached).toEqual([]);
    await deliver('placed', ada());
    expect(reached).toEqual(['placed']);
  });

  it('comes again where a filter of the application wants it to', async () => {
    const deliver = await start(RetryingController);
    await expect(deliver('placed')).rejects.toThrow('try again');
  });

  it('leaves failures of handlers as they are', async () => {
    const deliver = await start();
    await expect(deliver('broken', ada())).rejects.toBeDefined();
  });
});
