import type { Pages } from '../endpoints/handler.js';
import { createPortal } from '../portal/portal.js';
import { pageRoutes } from './routes.js';

/** Makes the pages of one local Entra: those of a sign-in, and the portal. */
export function createPages(): Pages {
  const portal = createPortal();
  return { routes: [...pageRoutes(), ...portal.routes], seen: portal.seen };
}
