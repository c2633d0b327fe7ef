import type { App } from '../directory/apps.js';
import { escapeHtml, html } from './answers.js';
import type { Call } from './call.js';
import { asOAuthError, OAuthError } from './oauth-error.js';
import { assertWellFormed } from './parameters.js';
import { codeChallengeOf } from './pkce.js';
import { acceptedRedirectUri } from './redirect-uri.js';
import { assertMayAsk } from './requested-api.js';
import { grantedScopes, parseScope } from './scope-request.js';
import { firstUser, refusalPage, signInTenant } from './sign-in.js';

/**
 * Answers `/{tenant}/oauth2/v2.0/authorize`. Signs in the user of `login_hint` at once, without a page.
 * Until the redirect URI is accepted, a refusal is a page and not a redirect (RFC 6749, section 4.1.2.1).
 */
export function authorize({ entra, url, tenant: segment }: Call): Response {
  const query = url.searchParams;
  let redirectUri: string;
  let client: App;
  try {
    assertWellFormed(query);
    client = entra.apps.registeredClient(requiredParameter(query, 'client_id'));
    redirectUri = acceptedRedirectUri(client, requiredParameter(query, 'redirect_uri'));
  } catch (error) {
    return refusalPage(error);
  }
  const state = query.get('state');
  const mode = responseMode(query);
  try {
    assertResponseType(query);
    assertResponseMode(query);
    const codeChallenge = codeChallengeOf(query);
    const scope = requiredParameter(query, 'scope');
    const asked = parseScope(entra.apps, scope);
    grantedScopes(asked);
    assertMayAsk(client, asked, query.get('resource'));
    const tenant = signInTenant(entra.tenants, segment);
    const person = entra.people.named(query.get('login_hint') ?? firstUser, tenant);
    entra.accounts.assertMaySignIn(person);
    const now = entra.now();
    const code = entra.sessions.addCode(
      {
        clientId: client.clientId,
        person,
        tenant,
        claims: query.get('claims') ?? undefined,
        redirectUri,
        scope,
        nonce: query.get('nonce') ?? undefined,
        codeChallenge,
        signedInAt: now,
        signIn: { ended: false },
      },
      now,
    );
    return redirect(redirectUri, mode, { code, state });
  } catch (error) {
    const refusal = asOAuthError(error);
    return redirect(redirectUri, mode, {
      error: refusal.error,
      error_description: refusal.description,
      state,
    });
  }
}

function requiredParameter(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') {
    throw new OAuthError(
      'invalid_request',
      900144,
      `The request must contain the following parameter: '${name}'.`,
    );
  }
  return value;
}

function assertResponseType(query: URLSearchParams): void {
  const type = query.get('response_type');
  if (type === 'code') return;
  throw new OAuthError(
    'unsupported_response_type',
    700054,
    `response_type '${type ?? ''}' is not enabled for the application. The local Entra supports 'code'.`,
  );
}

type ResponseMode = 'query' | 'fragment' | 'form_post';

function assertResponseMode(query: URLSearchParams): void {
  const mode = query.get('response_mode');
  if (mode === null || mode === responseMode(query)) return;
  throw new OAuthError(
    'invalid_request',
    70007,
    `'${mode}' is not a response_mode. The local Entra supports 'query', 'fragment' and 'form_post'.`,
  );
}

/** Returns the response mode. For an unknown one it is `query`, so that the refusal reaches the client. */
function responseMode(query: URLSearchParams): ResponseMode {
  const mode = query.get('response_mode');
  return mode === 'fragment' || mode === 'form_post' ? mode : 'query';
}

function redirect(
  uri: string,
  mode: ResponseMode,
  answer: Readonly<Record<string, string | null>>,
): Response {
  const given = Object.entries(answer).filter((entry): entry is [string, string] => entry[1] !== null);
  if (mode === 'form_post') return formPost(uri, given);
  const location = new URL(uri);
  const parameters = new URLSearchParams(given);
  if (mode === 'fragment') location.hash = parameters.toString();
  else for (const [name, value] of parameters) location.searchParams.append(name, value);
  return new Response(null, {
    status: 302,
    headers: { location: location.href, 'cache-control': 'no-store' },
  });
}

/** Makes a page that submits itself, for clients that take the code in a body (`form_post`). */
function formPost(uri: string, fields: readonly (readonly [string, string])[]): Response {
  const inputs = fields.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return html(
    `<form method="post" action="${escapeHtml(uri)}">${inputs.join('')}<noscript><button>Continue</button></noscript></form><script>document.forms[0].submit()</script>`,
  );
}
