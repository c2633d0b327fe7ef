import type { ExecutionContext } from '@nestjs/common';
import * as microservices from '@nestjs/microservices';

/** What is read of Nest's server for Kafka: how it takes messages that have no answer. */
interface KafkaServer {
  handleEvent?(pattern: unknown, packet: unknown, context: object): unknown;
}

/** The contexts of messages that the guard refused. */
const refused = new WeakSet<object>();

/** Servers that are looked at already, by their prototypes. */
const watched = new WeakSet<object>();

/**
 * Has Nest's server pass over events that were refused. It would hand the refusal to kafkajs as a failure, which
 * delivers the same message again until it is handled, and none after it.
 */
export function watchEvents(): void {
  const { ServerKafka } = microservices as unknown as {
    readonly ServerKafka?: { readonly prototype: KafkaServer };
  };
  const prototype = ServerKafka?.prototype;
  const handle = prototype?.handleEvent;
  if (prototype === undefined || typeof handle !== 'function' || watched.has(prototype)) return;
  watched.add(prototype);
  prototype.handleEvent = async function (this: KafkaServer, pattern, packet, context): Promise<unknown> {
    try {
      return await Reflect.apply(handle, this, [pattern, packet, context]);
    } catch (error) {
      // A filter of the application that throws an error wants the message again; refusals come as plain objects.
      if (error instanceof Error || !refused.has(context)) throw error;
      return undefined;
    }
  };
}

/** Remembers that the guard refused what this context is of. */
export function passOver(context: ExecutionContext): void {
  const found: unknown = context.switchToRpc().getContext();
  if (typeof found === 'object' && found !== null) refused.add(found);
}
