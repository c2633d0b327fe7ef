import type { ExposedRoute } from '../routes/handlers-in.js';
import { type ReadPath, readPath } from './path-templates.js';

/** What a path template of OpenAPI has in the place of a segment, or of a part of one. */
const PARAMETER = /\{([^{}]*)\}/;

interface Ordered {
  readonly route: ExposedRoute;
  readonly takes: (template: string) => boolean;
}

/** The routes of an application in the order in which Express tries them. */
export class RouteOrder {
  readonly #routes: Ordered[] = [];

  /** @param read the route's path as templates; `undefined` where they can't say it */
  add(route: ExposedRoute, read: ReadPath | undefined): void {
    this.#routes.push({ route, takes: takerOf(route, read) });
  }

  /**
   * The routes that take every request to an operation, in their order; of each route the handlers for the method.
   *
   * @param verb as OpenAPI has it
   * @param template with the base path
   */
  to(verb: string, template: string): readonly ExposedRoute[] {
    const taken = this.#routes.filter(({ takes }) => takes(template)).map(({ route }) => route);
    return forMethod(verb, taken);
  }
}

/** Express answers a HEAD by the handlers for GET in a route without any for HEAD. */
export function forMethod(verb: string, routes: readonly ExposedRoute[]): readonly ExposedRoute[] {
  const byRoute = new Map<object, ExposedRoute[]>();
  for (const one of routes) byRoute.set(one.route, [...(byRoute.get(one.route) ?? []), one]);
  return [...byRoute.values()].flatMap((methods) => {
    const named = (method: string) => methods.find((one) => one.method === method);
    const own = named(verb.toUpperCase()) ?? (verb === 'head' ? named('GET') : undefined) ?? named('ALL');
    return own === undefined ? [] : [own];
  });
}

function takerOf({ pattern }: ExposedRoute, read: ReadPath | undefined): Ordered['takes'] {
  if (read !== undefined) {
    const whole = read.templates.map((template) => new RegExp(`^${sourceOf(template, read)}/?$`, 'i'));
    return (template) => whole.some((one) => one.test(template));
  }
  const above = pattern && readPath(pattern.above);
  if (pattern === undefined || above === undefined) return () => false;
  const mounts = above.templates.map((template) => new RegExp(`^${sourceOf(template, above)}(?=/|$)`, 'i'));
  // A pattern with memory (g, y) would give another answer each time.
  const inside = new RegExp(pattern.regexp.source, pattern.regexp.flags.replace(/[gy]/g, ''));
  return (template) =>
    mounts.some((mount) => {
      const [prefix] = mount.exec(template) ?? [];
      return prefix !== undefined && inside.test(template.slice(prefix.length) || '/');
    });
}

function sourceOf(template: string, { wildcards, narrow }: ReadPath): string {
  return template
    .replace(/\/+$/, '')
    .split(PARAMETER)
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      if (wildcards.has(part)) return '.*';
      return narrow.has(part) ? '\\{[^/]*\\}' : '[^/]+';
    })
    .join('');
}
