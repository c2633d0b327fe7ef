import type { App } from '../directory/apps.js';
import type { EntraServices } from '../endpoints/call.js';
import { formTargets } from '../endpoints/form-post.js';
import { acceptedRedirectUri } from '../endpoints/redirect-uri.js';
import { sessionOf } from '../tokens/delegated-token.js';
import { decodeUnverifiedJwt, verifyRsa } from '../tokens/read-jwt.js';
import type { Account } from './browsers.js';
import { html } from './html.js';
import { page } from './layout.js';
import { hintedPerson } from './next-step.js';
import type { Visit } from './visit.js';

type Claims = Readonly<Record<string, unknown>>;

/**
 * Answers `/{tenant}/oauth2/v2.0/logout`: ends the session, tells the apps of it, and leads back to the app that asked, if
 * its address is registered.
 *
 * Sources: OpenID Connect RP-Initiated Logout 1.0 and Front-Channel Logout 1.0,
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
 */
export function logout(visit: Visit): Response {
  const { entra, browser, url } = visit;
  const query = url.searchParams;
  const hint = verifiedHint(entra, query.get('id_token_hint'));
  const leaving = leavingAccounts(visit, hint, query.get('logout_hint'));
  const told =
    leaving.length === 0 ? [] : entra.apps.told.filter(({ clientId }) => browser.apps.has(clientId));
  for (const [key, account] of browser.accounts) if (leaving.includes(account)) browser.accounts.delete(key);
  if (browser.accounts.size === 0) {
    browser.apps.clear();
    if (leaving.length > 0) visit.renew();
  }
  const frames = frontChannelUrls(entra, told, leaving);
  const asked = query.get('post_logout_redirect_uri');
  const back = asked === null ? undefined : accepted(entra, clientOf(hint, query), asked, query.get('state'));
  if (back !== undefined && frames.length === 0) {
    return new Response(null, {
      status: 302,
      headers: { location: back, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    });
  }
  return page({
    title: 'You have signed out',
    body: html`<p>${
      leaving.length === 0
        ? 'No account was signed in at this browser.'
        : leaving.map(({ person }, index) => html`${index > 0 && ', '}${person.upn}`)
    }</p>
${frames.length > 0 && html`<p class="soft">The applications are told of it.</p>`}
${frames.map((frame) => html`<iframe src="${frame}" title="Sign-out of an application" aria-hidden="true" tabindex="-1"></iframe>`)}
${back !== undefined && html`<p class="actions"><a href="${back}">Continue to the application</a></p>`}
${
  asked !== null &&
  back === undefined &&
  html`<p class="error">The application asked to go on to an address that is not among the redirect URIs of its registration: <code>${asked}</code>. Add it there (redirectUris).</p>`
}
${asked === null && html`<p>It is a good idea to close all windows of the browser.</p>`}`,
    frames: [...new Set(frames.flatMap((frame) => formTargets(frame)))],
    ...(back === undefined ? {} : { continueTo: back }),
  });
}

/** Returns the accounts that sign out: those that a hint names, otherwise all of the browser. */
function leavingAccounts(
  { entra, browser }: Visit,
  hint: Claims | undefined,
  logoutHint: string | null,
): readonly Account[] {
  const all = [...browser.accounts.values()];
  if (logoutHint !== null && logoutHint !== '') {
    const named = all.filter(
      ({ person, tenant }) => hintedPerson(entra, logoutHint, tenant).oid === person.oid,
    );
    if (named.length > 0) return named;
  }
  const ofToken = all.filter(({ person, tenant }) => person.oid === hint?.oid && tenant.id === hint.tid);
  return ofToken.length > 0 ? ofToken : all;
}

/** Returns the claims of an ID token that this local Entra signed. It may have expired: sign-out often comes late. */
function verifiedHint({ keys, authority }: EntraServices, token: string | null): Claims | undefined {
  const jwt = token === null ? undefined : decodeUnverifiedJwt(token);
  const key = typeof jwt?.header.kid === 'string' ? keys.find(jwt.header.kid) : undefined;
  if (jwt === undefined || key === undefined || !verifyRsa(jwt, key.publicKey)) return undefined;
  const { tid, iss } = jwt.payload;
  return typeof tid === 'string' && iss === authority.v2Issuer(tid) ? jwt.payload : undefined;
}

function clientOf(hint: Claims | undefined, query: URLSearchParams): string | undefined {
  return typeof hint?.aud === 'string' ? hint.aud : (query.get('client_id') ?? undefined);
}

/** Returns the address to go on to, if the app that asks has it registered. An app that is not named may be any of them. */
function accepted(
  { apps }: EntraServices,
  clientId: string | undefined,
  asked: string,
  state: string | null,
): string | undefined {
  const named = apps.told.filter((app) => clientId === undefined || app.clientId === clientId.toLowerCase());
  const possible = apps.told.length === 0 ? [apps.client(clientId ?? 'client')] : named;
  if (!possible.some((app) => isAccepted(app, asked))) return undefined;
  const back = new URL(asked);
  if (!/^https?:$/.test(back.protocol)) return undefined;
  if (state !== null) back.searchParams.append('state', state);
  return back.href;
}

function isAccepted(app: App, asked: string): boolean {
  try {
    acceptedRedirectUri(app, asked);
    return true;
  } catch {
    return false;
  }
}

function frontChannelUrls(
  { authority }: EntraServices,
  apps: readonly App[],
  leaving: readonly Account[],
): readonly string[] {
  return apps.flatMap(({ registration: { frontChannelLogoutUrl } }) => {
    if (frontChannelLogoutUrl === undefined) return [];
    return leaving.map(({ person, tenant }) => {
      const url = new URL(frontChannelLogoutUrl);
      url.searchParams.append('iss', authority.v2Issuer(tenant.id));
      url.searchParams.append('sid', sessionOf(person, tenant));
      return url.href;
    });
  });
}
