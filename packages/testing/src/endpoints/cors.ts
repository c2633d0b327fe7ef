import type { Apps } from '../directory/apps.js';
import { isLoopbackUrl } from './loopback-url.js';

/**
 * Whether a page may read answers of the token endpoint: one of a single-page app on this machine, or of a declared
 * redirect URI, as Entra does it. Anything else is a site that found the port.
 */
export function allowedOrigin(apps: Apps, origin: string): boolean {
  return (
    isLoopbackUrl(origin) ||
    apps.told.some(({ registration }) =>
      (registration.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
    )
  );
}
