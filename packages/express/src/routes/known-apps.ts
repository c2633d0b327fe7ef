/** An application that `assertAllGuarded` was called on. */
interface KnownApp {
  readonly parent?: unknown;
}

/** The applications that are known, by the application they are mounted on. Express keeps no way from the outer to the inner. */
const mountedOn = new WeakMap<object, Set<object>>();
const passed = new WeakSet<object>();

/** The applications mounted on this one that `assertAllGuarded` was called on. */
export function knownOn(app: object): readonly object[] {
  return [...(mountedOn.get(app) ?? [])];
}

/** Whether every route of it has been decided about, or is an exception that was declared. */
export function hasPassed(app: object): boolean {
  return passed.has(app);
}

export function remember(app: KnownApp, hasPassedNow: boolean): void {
  if (hasPassedNow) passed.add(app);
  else passed.delete(app);
  if (typeof app.parent !== 'function') return;
  const siblings = mountedOn.get(app.parent) ?? new Set();
  mountedOn.set(app.parent, siblings.add(app));
}
