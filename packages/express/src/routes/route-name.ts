import type { IncomingMessage } from 'node:http';
import type { DecisionPlace } from '@entra-guard/core';

/** A request as Express hands it to middlewares: where it is mounted and which route was matched. */
interface RoutedRequest extends IncomingMessage {
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | undefined;
}

const LONGEST = 200;

/**
 * The place of a decision, for logs and audit events: `GET /orders/:id`. The path is the route's, not the request's:
 * URLs hold personal data, and whoever varies them must not make a new place each time. Before a route is matched
 * (`app.use(guard.require(...))`) it is `GET /mount/*`.
 */
export function routeName(request: RoutedRequest): string {
  const mount = typeof request.baseUrl === 'string' ? request.baseUrl : '';
  const path = request.route?.path === undefined ? '/*' : String(request.route.path);
  const joined = path === '/' && mount !== '' ? mount : `${mount}${path}`;
  return `${request.method ?? '?'} ${joined.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST)}`;
}

/** Where a request is decided about. Its name is put together only when somebody asks: most requests pass unheard of. */
export class RoutePlace implements DecisionPlace {
  readonly request: RoutedRequest;

  constructor(request: RoutedRequest) {
    this.request = request;
  }

  get handler(): string {
    return routeName(this.request);
  }
}
