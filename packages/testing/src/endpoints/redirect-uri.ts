import type { App } from '../directory/apps.js';
import { isLoopbackUrl } from './loopback-url.js';
import { OAuthError } from './oauth-error.js';

/** A form that posts to one of these would run it. */
const scriptSchemes = new Set(['javascript:', 'data:', 'vbscript:']);

/**
 * Where codes may be sent. An app that declares redirect URIs gets them there and nowhere else; a port of localhost does
 * not matter. Any other app gets them on this machine: a sign-in has no page, so that a link could lead anywhere else.
 *
 * @throws {OAuthError} AADSTS90102 or AADSTS50011
 */
export function acceptedRedirectUri(app: App, asked: string): string {
  if (!URL.canParse(asked) || scriptSchemes.has(new URL(asked).protocol)) {
    throw new OAuthError(
      'invalid_request',
      90102,
      `'redirect_uri' is not an address to send a code to: '${asked}'.`,
    );
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
    : `Tell startEntra of the app: { apps: { client: { clientId: '${clientId}', redirectUris: ['…'] } } }.`;
  return redirectUris === undefined
    ? `none, so only addresses of this machine are good. ${place}`
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
