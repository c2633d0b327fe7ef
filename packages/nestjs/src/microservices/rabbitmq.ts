import type { ExecutionContext } from '@nestjs/common';
import * as microservices from '@nestjs/microservices';

/** What is read of Nest's server for RabbitMQ. */
interface RabbitServer {
  readonly noAck?: unknown;
  handleMessage?(message: unknown, channel: unknown): unknown;
}

/** What is used of Nest's `RmqContext`, and of the channel in it. */
interface RabbitContext {
  getMessage?(): Delivery | undefined;
  getChannelRef?(): Channel | undefined;
}
interface Delivery {
  readonly fields?: { readonly redelivered?: unknown };
}
interface Channel {
  nack(message: Delivery, allUpTo: boolean, requeue: boolean): unknown;
}

/** Deliveries that RabbitMQ waits for an answer to: their consumer has `noAck: false`. */
const unsettled = new WeakSet<object>();

/** Servers that are looked at already, by their prototypes. */
const watched = new WeakSet<object>();

/**
 * Learns which deliveries have to be settled. Neither the context nor the channel tells: only Nest's server knows how it
 * consumes, and to settle what need not be closes the channel.
 */
export function watchDeliveries(): void {
  const { ServerRMQ } = microservices as unknown as {
    readonly ServerRMQ?: { readonly prototype: RabbitServer };
  };
  const prototype = ServerRMQ?.prototype;
  const handle = prototype?.handleMessage;
  if (prototype === undefined || typeof handle !== 'function' || watched.has(prototype)) return;
  watched.add(prototype);
  prototype.handleMessage = function (this: RabbitServer, message: unknown, channel: unknown): unknown {
    if (this.noAck === false && typeof message === 'object' && message !== null) unsettled.add(message);
    return Reflect.apply(handle, this, [message, channel]);
  };
}

/** What an application may settle a delivery with, and what settles all of them. */
const ONE: readonly PropertyKey[] = ['ack', 'nack', 'reject'];
const ALL: readonly PropertyKey[] = ['ackAll', 'nackAll'];

/**
 * Settles a delivery that the guard refused, unless an exception filter of the application does: its handler never sees it,
 * and unsettled ones fill the window until nothing is delivered any more. It is not put back into the queue, where it would
 * come again for ever; a queue with a dead-letter exchange keeps it.
 *
 * @param again whether another try makes sense: it is put back once
 */
export function settleRefused(context: ExecutionContext, again: boolean): void {
  const rabbit = context.switchToRpc().getContext<RabbitContext | undefined>();
  const message = rabbit?.getMessage?.();
  const channel = rabbit?.getChannelRef?.();
  if (message === undefined || channel === undefined || !unsettled.has(message)) return;
  // To settle it twice would close the channel, so the second attempt does nothing.
  const take = (): boolean => unsettled.delete(message);
  Object.defineProperty(rabbit, 'getChannelRef', { value: () => settlingOnce(channel, message, take) });
  // Filters come first. One that waits for something finds it settled.
  setImmediate(() => {
    if (!take()) return;
    try {
      channel.nack(message, false, again && message.fields?.redelivered !== true);
    } catch {
      // The channel is closed: RabbitMQ delivers again what was not settled.
    }
  });
}

/** The channel, for exception filters: it settles this delivery once. */
function settlingOnce(channel: Channel, message: Delivery, take: () => boolean): Channel {
  return new Proxy(channel, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (ONE.includes(name) && args[0] === message && !take()) return undefined;
        if (ALL.includes(name)) take();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
