import type { Route } from '../endpoints/route.js';

/** Lists the addresses of the pages. They stand before those of the endpoints, and take the place of some. */
export function pageRoutes(): readonly Route[] {
  return [];
}
