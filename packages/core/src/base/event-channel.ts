import type { Channel } from 'node:diagnostics_channel';
import { containedChannel } from './contained-channel.js';

/** A named `node:diagnostics_channel` that carries events of one type. */
export class EventChannel<T extends object> {
  readonly #channel: Channel;

  constructor(name: string) {
    this.#channel = containedChannel(name);
  }

  /** Whether anybody listens: building an event costs nothing while nobody does. */
  get listening(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** Publishes one event, frozen: no listener can change what the next one gets. */
  publish(event: T): void {
    for (const part of Object.values(event)) Object.freeze(part);
    this.#channel.publish(Object.freeze(event));
  }

  /**
   * Calls `listener` with each event. What it throws is ignored: a broken listener must not decide about requests, and
   * `node:diagnostics_channel` by itself would end the process.
   *
   * @returns a function that ends it
   */
  on(listener: (event: T) => void): () => void {
    const receive = (message: unknown): void => {
      try {
        // It may be an async function, whatever its type says.
        Promise.resolve<unknown>(listener(message as T)).catch(() => {});
      } catch {
        // The event is lost to this listener, what it tells of is not.
      }
    };
    this.#channel.subscribe(receive);
    return () => {
      this.#channel.unsubscribe(receive);
    };
  }
}
