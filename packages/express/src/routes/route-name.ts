import type { IncomingMessage } from 'node:http';
import type { DecisionPlace } from '@entra-guard/core';
import { mountPattern } from './mount-patterns.js';

/** A request as Express hands it to middlewares: where it is mounted and which route was matched. */
interface RoutedRequest extends IncomingMessage {
  readonly app?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | undefined;
}

const LONGEST = 200;

/**
 * Names the place of a decision for logs and audit events: `GET /orders/:id`. The path is the route's, with the paths of its
 * routers, not the request's: URLs hold personal data, and callers must not create new names by varying them. Before a route
 * is matched (`app.use(guard.require(...))`) it is `GET /mount/*`.
 */
export function routeName(request: RoutedRequest): string {
  const { app, baseUrl } = request;
  const mount = typeof baseUrl === 'string' && baseUrl !== '' ? mountPattern(app, baseUrl) : '';
  const path = request.route?.path === undefined ? '/*' : String(request.route.path);
  const joined = path === '/' && mount !== '' ? mount : `${mount}${path}`;
  return `${request.method ?? '?'} ${joined.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST)}`;
}

/** The place of a decision about one request. Its name is made when it is read, which few requests need. */
export class RoutePlace implements DecisionPlace {
  readonly request: RoutedRequest;
  /** Whether requests without credentials are accepted. */
  readonly optional: boolean;

  constructor(request: RoutedRequest, optional = false) {
    this.request = request;
    this.optional = optional;
  }

  get handler(): string {
    return routeName(this.request);
  }
}
