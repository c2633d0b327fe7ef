/** Set by `entra-guard inventory`, in a process that loads an application only to look at it. */
const INSPECTED = Symbol.for('entra-guard/inspected');

/** Whether this process serves no requests: an unfinished application has to load there too. */
export function isInspected(): boolean {
  return Object.hasOwn(globalThis, INSPECTED);
}
