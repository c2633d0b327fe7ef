import type { App } from '../directory/apps.js';
import { hasMetadataUrl } from '../directory/client-metadata-url.js';
import type { Tenant } from '../directory/tenants.js';
import type { EntraServices } from './call.js';
import { OAuthError } from './oauth-error.js';
import { assertWellFormed } from './parameters.js';
import { assertProofKey, type CodeChallenge, codeChallengeOf } from './pkce.js';
import { acceptedRedirectUri } from './redirect-uri.js';
import { assertMayAsk } from './requested-api.js';
import { grantedScopes, parseScope, type ScopeRequest } from './scope-request.js';
import { signInTenant } from './sign-in.js';

export type ResponseMode = 'query' | 'fragment' | 'form_post';
export type ResponseType = 'code' | 'id_token';

/** Where the answer to a sign-in request goes, and how. */
export interface ReplyTo {
  readonly client: App;
  readonly redirectUri: string;
  readonly mode: ResponseMode;
  readonly state: string | null;
}

/** A sign-in request that was read and checked. */
export interface AuthorizeRequest extends ReplyTo {
  readonly types: ReadonlySet<ResponseType>;
  /** The `scope` parameter, and what it says. */
  readonly scope: string;
  readonly asked: ScopeRequest;
  readonly tenant: Tenant;
  /** The `claims` parameter, JSON text. */
  readonly claims: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  readonly loginHint: string | undefined;
  readonly domainHint: string | undefined;
  readonly prompt: Prompt | undefined;
  /** Seconds that may have passed since the user signed in. */
  readonly maxAge: number | undefined;
  /** Whether the answer has `client_info`, as MSAL asks. */
  readonly clientInfo: boolean;
}

const prompts = ['login', 'none', 'select_account', 'consent'] as const;
export type Prompt = (typeof prompts)[number];

/**
 * Reads where the answer goes. Until this is accepted, a refusal is a page and not a redirect (RFC 6749, section 4.1.2.1).
 *
 * @throws {OAuthError} {LocalEntraError} for an unknown client and a redirect URI that is not registered
 */
export function readReplyTo({ apps }: EntraServices, query: URLSearchParams): ReplyTo {
  assertWellFormed(query);
  const client = apps.registeredClient(requiredParameter(query, 'client_id'));
  const redirectUri = acceptedRedirectUri(client, requiredParameter(query, 'redirect_uri'));
  return { client, redirectUri, mode: responseMode(query), state: query.get('state') };
}

/** @throws {OAuthError} {LocalEntraError} for a request that can't be answered, by redirect */
export function readAuthorizeRequest(
  entra: EntraServices,
  segment: string,
  query: URLSearchParams,
  replyTo: ReplyTo,
): AuthorizeRequest {
  const types = responseTypes(query, replyTo.client);
  assertResponseMode(query, types);
  const codeChallenge = codeChallengeOf(query);
  if (hasMetadataUrl(replyTo.client)) assertProofKey(codeChallenge);
  const scope = requiredParameter(query, 'scope');
  const asked = parseScope(entra.apps, scope);
  grantedScopes(asked);
  assertMayAsk(replyTo.client, asked, query.get('resource'));
  if (types.has('id_token')) assertForIdToken(query, asked);
  return {
    ...replyTo,
    types,
    scope,
    asked,
    codeChallenge,
    tenant: signInTenant(entra.tenants, segment),
    claims: query.get('claims') ?? undefined,
    nonce: query.get('nonce') ?? undefined,
    loginHint: query.get('login_hint') || undefined,
    domainHint: query.get('domain_hint') || undefined,
    prompt: promptOf(query),
    maxAge: maxAgeOf(query),
    clientInfo: query.get('client_info') === '1',
  };
}

/** @throws {OAuthError} AADSTS900144 when the parameter is missing */
export function requiredParameter(query: URLSearchParams, name: string): string {
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

function typesIn(query: URLSearchParams): readonly string[] {
  return (query.get('response_type') ?? '').split(' ').filter((type) => type !== '');
}

/** OAuth 2.0 Multiple Response Type Encoding Practices, sections 3 and 5. */
function responseTypes(query: URLSearchParams, client: App): ReadonlySet<ResponseType> {
  const types = new Set(typesIn(query));
  if (types.size === 0) requiredParameter(query, 'response_type');
  for (const type of types) {
    if (type === 'code' || type === 'id_token') continue;
    const refused = `response_type '${type}' is not enabled for the application`;
    throw new OAuthError(
      'unsupported_response_type',
      type === 'token' ? 700051 : 700054,
      `${refused}. The local Entra supports 'code', 'id_token' and 'code id_token'; get access tokens with a code.`,
    );
  }
  if (types.has('id_token') && client.registration.enableIdTokenIssuance === false) {
    throw new OAuthError(
      'unsupported_response_type',
      700054,
      `response_type 'id_token' is not enabled for the application. Turn on ID tokens in its registration: web.implicitGrantSettings.enableIdTokenIssuance of the manifest, apps.${client.name}.enableIdTokenIssuance here.`,
    );
  }
  return types as ReadonlySet<ResponseType>;
}

/** An ID token that comes through the browser is bound to the session by its nonce (OpenID Connect Core, 3.2.2.1). */
function assertForIdToken(query: URLSearchParams, { openid }: ScopeRequest): void {
  if (!openid) {
    throw new OAuthError(
      'invalid_request',
      70011,
      "The provided value for the input parameter 'scope' is not valid. response_type 'id_token' needs the scope openid.",
    );
  }
  requiredParameter(query, 'nonce');
}

function assertResponseMode(query: URLSearchParams, types: ReadonlySet<ResponseType>): void {
  const mode = query.get('response_mode');
  if (mode === null) return;
  if (mode === 'query' && types.has('id_token')) {
    throw new OAuthError(
      'invalid_request',
      70007,
      "'query' is not a supported value of 'response_mode' when requesting a token. Use 'fragment' or 'form_post'.",
    );
  }
  if (mode === 'query' || mode === 'fragment' || mode === 'form_post') return;
  throw new OAuthError(
    'invalid_request',
    70007,
    `'${mode}' is not a response_mode. The local Entra supports 'query', 'fragment' and 'form_post'.`,
  );
}

/** Returns the response mode. For an unknown one it is the default, so that the refusal reaches the client. */
function responseMode(query: URLSearchParams): ResponseMode {
  const mode = query.get('response_mode');
  if (mode === 'fragment' || mode === 'form_post') return mode;
  // A token never stands in a query, which servers and proxies log (Multiple Response Type Encoding Practices, 5).
  return typesIn(query).includes('id_token') ? 'fragment' : 'query';
}

function promptOf(query: URLSearchParams): Prompt | undefined {
  const prompt = query.get('prompt');
  if (prompt === null || prompt === '') return undefined;
  const known = prompts.find((one) => one === prompt);
  if (known !== undefined) return known;
  throw new OAuthError(
    'invalid_request',
    90023,
    `Unsupported 'prompt' value '${prompt}'. Entra takes one of ${prompts.join(', ')}.`,
  );
}

function maxAgeOf(query: URLSearchParams): number | undefined {
  const text = query.get('max_age');
  if (text === null || text === '') return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new OAuthError('invalid_request', 90023, `'max_age' is '${text}'. Write a number of seconds.`);
}
