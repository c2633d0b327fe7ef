import { containedChannel } from './contained-channel.js';

/** A registered symbol: all copies of the package share the list. */
const TYPES = Symbol.for('entra-guard/event-types');

/** Carries the name of each new type. Held here, because Node forgets a channel that nothing holds. */
const announcements = containedChannel('entra-guard/types');

/** Returns the types that have a publisher in this process. */
function knownTypes(): Set<string> {
  if (!Object.hasOwn(announcements, TYPES)) {
    Object.defineProperty(announcements, TYPES, { value: new Set<string>() });
  }
  return (announcements as unknown as { readonly [TYPES]: Set<string> })[TYPES];
}

/** Adds a type, and tells those who listen to all. */
export function addType(type: string): void {
  const types = knownTypes();
  if (types.has(type)) return;
  types.add(type);
  announcements.publish(type);
}

/**
 * Calls `hear` with each known type, and with each further one as soon as it is added, from any copy of the package.
 *
 * @returns a function that ends it
 */
export function eachType(hear: (type: string) => void): () => void {
  for (const type of knownTypes()) hear(type);
  const added = (type: unknown): void => hear(type as string);
  announcements.subscribe(added);
  return () => {
    announcements.unsubscribe(added);
  };
}
