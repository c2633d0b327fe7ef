import type { Apps } from '../directory/apps.js';
import { isLoopbackUrl } from './loopback-url.js';

/**
 * Whether a page may read responses of the token endpoint (CORS). As in Entra, the page of a declared redirect URI may.
 * So may a page of this machine. Any other page is a site that found the port.
 */
export function allowedOrigin(apps: Apps, origin: string): boolean {
  return (
    isLoopbackUrl(origin) ||
    apps.told.some(({ registration }) =>
      (registration.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
    )
  );
}
