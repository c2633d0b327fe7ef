import type { App } from '../directory/apps.js';
import { isLoopbackUrl } from './loopback-url.js';
import { OAuthError } from './oauth-error.js';

/** Schemes that run as a script when a form posts to them. */
const scriptSchemes = new Set(['javascript:', 'data:', 'vbscript:']);

/**
 * Returns the redirect URI if codes may be sent there. An app with declared redirect URIs gets codes only at those; the
 * port of localhost is ignored. Any other app gets codes only on this machine: since sign-in shows no page, a link could
 * otherwise send a code to any site.
 *
 * @throws {OAuthError} AADSTS90102 or AADSTS50011
 */
export function acceptedRedirectUri(app: App, asked: string): string {
  if (!URL.canParse(asked) || scriptSchemes.has(new URL(asked).protocol)) {
    throw new OAuthError('invalid_request', 90102, `'redirect_uri' is invalid: '${asked}'.`);
  }
  const { redirectUris } = app.registration;
  const accepted =
    redirectUris === undefined ? isLoopbackUrl(asked) : redirectUris.some((uri) => sameRedirect(uri, asked));
  if (accepted) return asked;
  throw new OAuthError(
    'invalid_request',
    50011,
    `The redirect URI '${asked}' specified in the request does not match the redirect URIs configured for the application '${app.clientId}': ${configured(app)}`,
  );
}

function configured({ name, clientId, told, registration: { redirectUris } }: App): string {
  if (redirectUris !== undefined && redirectUris.length > 0) return `${redirectUris.join(', ')}.`;
  const place = told
    ? `List it in apps.${name}.redirectUris.`
    : `Declare the app in startEntra: { apps: { client: { clientId: '${clientId}', redirectUris: ['…'] } } }.`;
  return redirectUris === undefined
    ? `none, so only addresses of this machine are accepted. ${place}`
    : `none. ${place}`;
}

function sameRedirect(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  if (!URL.canParse(registered)) return false;
  const [one, other] = [new URL(registered), new URL(asked)];
  if (one.hostname !== 'localhost' || one.protocol !== 'http:') return false;
  one.port = other.port;
  return one.href === other.href;
}
