import type { ApprovalEvent } from '../approvals/approval-event.js';
import { ConfigurationError } from '../base/errors.js';
import { type EventBase, EventChannel, hearEvents } from '../base/event-channel.js';
import { eachType } from '../base/event-types.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { KeyEvent } from '../keys/documents/key-events.js';
import { assertKnown } from '../options/option-readers.js';
import type { RevocationEvent } from '../revocation/revocation-event.js';
import type { DecisionEvent } from './decision-event.js';

/**
 * The events by their type. Open: other packages publish further types, and each adds its own to this interface, so that
 * listeners see it in {@link EntraGuardEvent}.
 *
 * ```ts
 * declare module '@entra-guard/core' {
 *   interface EventTypes {
 *     comparison: DisagreementEvent; // extends EventBase
 *   }
 * }
 * ```
 */
export interface EventTypes {
  decision: DecisionEvent;
  keys: KeyEvent;
  revocation: RevocationEvent;
  approval: ApprovalEvent;
}

/** The type of an event: `'decision'`, `'keys'`, `'revocation'`, `'approval'`, and those of other packages that are loaded. */
export type EventType = keyof EventTypes;

/**
 * What a process publishes. Tell them apart by `type`. Expect further types, and look at `v` where an event may come from
 * another release: ignore and count what you don't know.
 */
export type EntraGuardEvent = EventTypes[EventType];

/** Options of {@link onEvent}. */
export interface OnEventOptions<T extends EventType = EventType> {
  /**
   * The types to listen to. A type without a listener costs nothing: its events are not built. Default: all, those of
   * packages that are loaded later too.
   */
  readonly types?: readonly T[] | undefined;
}

/**
 * Calls `listener` with the events of everything in this process: all guards and validators, all copies of the package.
 * It is called before the request goes on, in its async context, so keep it short. What it throws or rejects with is
 * ignored: it changes no decision and ends no process.
 *
 * Events are versioned, and the union is open. A listener ignores and counts an event whose `type` or `v` it does not know;
 * it never fails because of one.
 *
 * ```ts
 * const stop = onEvent((event) => console.log(event.outcome, event.handler), { types: ['decision'] });
 * ```
 * @returns a function that ends it
 * @throws ConfigurationError if `listener` is not a function, or `types` is not a list of names
 */
export function onEvent<T extends EventType = EventType>(
  listener: (event: EventTypes[T]) => void,
  options: OnEventOptions<T> = {},
): () => void {
  if (typeof listener !== 'function') {
    throw new ConfigurationError(
      `onEvent() was given ${printable(listener)} instead of a listener.`,
      "Pass a function: onEvent((event) => …, { types: ['decision'] }).",
    );
  }
  const known = ownOptions('The second argument of onEvent()', options);
  assertKnown('option of onEvent() called', known, ['types']);
  const types = typesIn(known.types);
  return listen(types, listener as (event: unknown) => unknown, () => {});
}

function typesIn(types: unknown): ReadonlySet<string> | undefined {
  if (types === undefined) return undefined;
  if (!Array.isArray(types) || types.length === 0) {
    throw new ConfigurationError(
      `onEvent(): types is ${Array.isArray(types) ? 'an empty list' : printable(types)}.`,
      "List the types, such as ['decision', 'keys'], or leave types out to hear all.",
    );
  }
  return new Set(types.map(typeName));
}

/** Refuses what can't be the name of a type: no event would ever come. */
function typeName(type: unknown): string {
  if (typeof type === 'string' && /^[a-z][a-z0-9-]*$/.test(type)) return type;
  throw new ConfigurationError(
    `${printable(type)} is not the type of an event.`,
    "Types are words of lower-case letters, digits and hyphens, such as 'decision'.",
  );
}

/**
 * Listens to some types, or to all. For listeners that may fail.
 *
 * @param failed is given what `receive` throws or rejects with
 * @returns a function that ends it
 */
export function listen(
  types: ReadonlySet<string> | undefined,
  receive: (event: unknown) => unknown,
  failed: (thrown: unknown) => void,
): () => void {
  const stops: (() => void)[] = [];
  const hear = (type: string): void => {
    stops.push(hearEvents(type, receive, failed));
  };
  if (types === undefined) stops.push(eachType(hear));
  else for (const type of types) hear(type);
  return () => {
    for (const stop of stops) stop();
  };
}

/** An event without its type, which {@link publishEvent} adds. */
export type WithoutType<E> = E extends unknown ? Omit<E, 'type'> : never;

const channels = new Map<string, EventChannel<EventBase>>();

/**
 * Publishes an event to the listeners of {@link onEvent}, for packages that build on this one. A package publishes only
 * types that it has added to {@link EventTypes}. No listener can change the event, or what its publisher does next.
 *
 * @param type a word of lower-case letters, digits and hyphens; the channel is `entra-guard:` and this word
 * @param make builds the event; called only if there is a listener. What it throws is thrown.
 * @throws ConfigurationError if `type` is anything else
 */
export function publishEvent<T extends EventType>(type: T, make: () => WithoutType<EventTypes[T]>): void {
  const channel = channelOf(type);
  if (channel.listening) channel.publish({ ...(make() as Omit<EventBase, 'type'>), type });
}

function channelOf(type: string): EventChannel<EventBase> {
  const known = channels.get(type);
  if (known !== undefined) return known;
  const channel = new EventChannel<EventBase>(typeName(type));
  channels.set(type, channel);
  return channel;
}
