import { type Channel, type ChannelListener, channel } from 'node:diagnostics_channel';
import { thrownLine } from './thrown.js';

/** A registered symbol: two copies of the package share the channel, which is contained once. */
const CONTAINED = Symbol.for('entra-guard/contained-channel');

interface Subscribing {
  subscribe(listener: ChannelListener): void;
  unsubscribe(listener: ChannelListener): boolean;
}

/**
 * Returns a `node:diagnostics_channel` whose subscribers can't end the process. Node turns what a subscriber throws
 * into an uncaught exception, so a broken audit trail would end the API. This channel turns it into a process warning,
 * once per subscriber, also for subscribers that use Node's own functions.
 */
export function containedChannel(name: string): Channel {
  const shared = channel(name);
  if (Object.hasOwn(shared, CONTAINED)) return shared;
  const contained = new WeakMap<ChannelListener, ChannelListener>();
  const ours = new WeakSet<ChannelListener>();
  const ownOf = (listener: ChannelListener): ChannelListener => {
    if (typeof listener !== 'function' || ours.has(listener)) return listener;
    const known = contained.get(listener) ?? containing(listener, name);
    contained.set(listener, known);
    ours.add(known);
    return known;
  };
  // Looked up at each call, because Node changes a channel's prototype at the first subscriber. The new prototype's
  // `subscribe` comes through here once more.
  const inherited = (): Subscribing => Object.getPrototypeOf(shared);
  const methods: Subscribing = {
    subscribe(listener) {
      inherited().subscribe.call(shared, ownOf(listener));
    },
    unsubscribe(listener) {
      return inherited().unsubscribe.call(shared, ownOf(listener));
    },
  };
  const earlier = subscribersOf(shared);
  for (const [key, value] of Object.entries({ ...methods })) {
    Object.defineProperty(shared, key, { value, configurable: true });
  }
  Object.defineProperty(shared, CONTAINED, { value: true });
  for (const listener of earlier) {
    inherited().unsubscribe.call(shared, listener);
    shared.subscribe(listener);
  }
  return shared;
}

/** Returns who subscribed before this package was loaded. Node keeps them in an undocumented member. */
function subscribersOf(shared: Channel): readonly ChannelListener[] {
  const { _subscribers: known } = shared as { readonly _subscribers?: unknown };
  return Array.isArray(known) ? [...(known as ChannelListener[])] : [];
}

function containing(listener: ChannelListener, name: string): ChannelListener {
  let told = false;
  const tell = (thrown: unknown): void => {
    if (told) return;
    told = true;
    process.emitWarning(`A subscriber of the channel ${name} threw, and was ignored: ${thrownLine(thrown)}`, {
      code: 'ENTRA_GUARD_SUBSCRIBER',
    });
  };
  return (message, channelName) => {
    try {
      // It may be an async function, although its type does not allow one.
      Promise.resolve<unknown>(listener(message, channelName)).catch(tell);
    } catch (error) {
      tell(error);
    }
  };
}
