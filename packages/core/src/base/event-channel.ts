import type { Channel } from 'node:diagnostics_channel';
import { containedChannel } from './contained-channel.js';
import { addType } from './event-types.js';

/** Members of every event. */
export interface EventBase {
  /**
   * The version of the event's format: it changes only where a member changes its meaning or goes. Members may be added
   * without a new version. Two releases may meet in one process, and events may be stored: a reader ignores and counts
   * events of another version, or of a type that it does not know.
   */
  readonly v: 1;
  /** What kind of event it is, and the last part of its channel's name. */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/**
 * Returns the name of the `node:diagnostics_channel` that carries the events of a type: `entra-guard:decision`,
 * `entra-guard:keys`.
 */
export function eventChannelName(type: string): string {
  return `entra-guard:${type}`;
}

/** The `node:diagnostics_channel` that carries the events of one type. */
export class EventChannel<T extends EventBase> {
  readonly #channel: Channel;

  constructor(type: T['type']) {
    this.#channel = containedChannel(eventChannelName(type));
    addType(type);
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
}

/**
 * Calls `receive` with the events of a type. What it throws or rejects with goes to `failed`: a broken listener must not
 * decide about requests. Without this, `node:diagnostics_channel` would end the process.
 *
 * @returns a function that unsubscribes it
 */
export function hearEvents(
  type: string,
  receive: (event: unknown) => unknown,
  failed: (thrown: unknown) => void,
): () => void {
  const channel = containedChannel(eventChannelName(type));
  const contained = (message: unknown): void => {
    try {
      Promise.resolve(receive(message)).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  channel.subscribe(contained);
  return () => {
    channel.unsubscribe(contained);
  };
}
