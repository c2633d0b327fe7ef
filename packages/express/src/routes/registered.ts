/** Where wrappers leave the function inside: shimmer (OpenTelemetry and others), and Sentry. */
const LINKS = ['__original', '__sentry_original__'] as const;

/** More wrappers than this around one function are taken for a circle. */
const MOST_WRAPS = 16;

/** Returns the function that was registered, without wrappers around it. */
export function registered(handler: object): object {
  let inner = handler;
  for (let wraps = 0; wraps < MOST_WRAPS; wraps++) {
    const next = linkOf(inner);
    if (next === undefined) return inner;
    inner = next;
  }
  return handler;
}

/** A wrapper's own link to what it calls. One that is inherited is not its own. */
function linkOf(wrapper: object): object | undefined {
  const links = [
    ...LINKS.filter((name) => Object.hasOwn(wrapper, name)),
    // New Relic's symbol is not registered.
    ...Object.getOwnPropertySymbols(wrapper).filter(({ description }) => description === 'original'),
  ];
  return links
    .map((link) => (wrapper as Readonly<Record<PropertyKey, unknown>>)[link])
    .find((linked) => typeof linked === 'function');
}
