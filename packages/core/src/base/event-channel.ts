import type { Channel } from 'node:diagnostics_channel';
import { containedChannel } from './contained-channel.js';

/** A named `node:diagnostics_channel` that carries events of one type. */
export class EventChannel<T extends object> {
  readonly #channel: Channel;

  constructor(name: string) {
    this.#channel = containedChannel(name);
  }

  /** Tells whether the channel has a listener. Without one, callers need not build events. */
  get listening(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** Publishes one event, frozen, so that no listener can change what the next one receives. */
  publish(event: T): void {
    for (const part of Object.values(event)) Object.freeze(part);
    this.#channel.publish(Object.freeze(event));
  }

  /**
   * Calls `listener` with each event. Ignores what it throws: a broken listener must not decide about requests. Without
   * this, `node:diagnostics_channel` would end the process.
   *
   * @returns a function that unsubscribes the listener
   */
  on(listener: (event: T) => void): () => void {
    const receive = (message: unknown): void => {
      try {
        // It may be an async function, although its type does not allow one.
        Promise.resolve<unknown>(listener(message as T)).catch(() => {});
      } catch {
        // Only this listener misses the event.
      }
    };
    this.#channel.subscribe(receive);
    return () => {
      this.#channel.unsubscribe(receive);
    };
  }
}
