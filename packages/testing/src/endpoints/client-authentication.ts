import type { Agent } from '../directory/agents.js';
import { type App, hasCredential } from '../directory/apps.js';
import { hasMetadataUrl } from '../directory/client-metadata-url.js';
import { verifyAgentCredential } from './agent-credential.js';
import type { EntraServices } from './call.js';
import { verifyAssertion } from './client-assertion.js';
import { OAuthError } from './oauth-error.js';
import { sameText } from './same-text.js';

/** A client, and how it authenticated, as a value of `azpacr`. */
export interface AuthenticatedClient {
  readonly app: App;
  readonly credential: '0' | '1' | '2';
  /** If the client is an agent identity. */
  readonly agent?: Agent;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Authenticates the client by its secret, in the body or a Basic header, or by its signed assertion. */
export async function authenticateClient(
  entra: EntraServices,
  body: URLSearchParams,
  headers: Headers,
): Promise<AuthenticatedClient> {
  const basic = basicCredentials(headers.get('authorization'));
  const clientId = given(body, 'client_id') ?? basic?.clientId;
  if (clientId === undefined) {
    throw new OAuthError(
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'client_id'.",
    );
  }
  const agent = entra.agents.find(clientId);
  const app = agent?.app ?? entra.apps.registeredClient(clientId);
  const secret = given(body, 'client_secret') ?? basic?.secret;
  const assertion = given(body, 'client_assertion');
  assertOneCredential(body, basic, clientId);
  const isPublic = app.registration.platform === 'public' || hasMetadataUrl(app);
  if (isPublic && (assertion !== undefined || secret !== undefined)) {
    throw new OAuthError(
      'invalid_client',
      700025,
      `Client '${app.clientId}' is public so neither 'client_assertion' nor 'client_secret' should be presented.`,
      401,
    );
  }
  if (assertion !== undefined) {
    if (body.get('client_assertion_type') !== assertionType) {
      throw new OAuthError('invalid_request', 900144, `'client_assertion_type' must be '${assertionType}'.`);
    }
    if (agent !== undefined) {
      verifyAgentCredential(entra, agent, assertion);
      return { app, credential: '2', agent };
    }
    await verifyAssertion(entra, app, assertion);
    return { app, credential: '2' };
  }
  // An agent identity has no credential of its own.
  if (agent !== undefined) assertConfidential({ app, credential: '0' });
  if (secret === undefined) return { app, credential: '0' };
  verifySecret(app, secret, entra.now());
  return { app, credential: '1' };
}

/** Returns a parameter; `undefined` where it is missing or empty, which means the same to Entra. */
function given(body: URLSearchParams, name: string): string | undefined {
  return body.get(name) || undefined;
}

/**
 * Refuses a client that authenticates in more than one way (RFC 6749, section 2.3): two readers could each take another.
 *
 * @throws {OAuthError} AADSTS90023
 */
function assertOneCredential(
  body: URLSearchParams,
  basic: { readonly clientId: string } | undefined,
  clientId: string,
): void {
  const ways = [given(body, 'client_secret'), given(body, 'client_assertion'), basic];
  const problem =
    ways.filter((way) => way !== undefined).length > 1
      ? 'The client authenticates in more than one way: client_secret, client_assertion, or the header Authorization. Use one.'
      : basic !== undefined && basic.clientId !== clientId
        ? `The client in the header Authorization is '${basic.clientId}', and client_id is '${clientId}'.`
        : undefined;
  if (problem !== undefined) throw new OAuthError('invalid_request', 90023, problem);
}

/** Refuses a client that did not authenticate. Client credentials and on-behalf-of need a confidential client. */
export function assertConfidential({ app, credential }: AuthenticatedClient): void {
  if (credential !== '0') return;
  throw new OAuthError(
    'invalid_client',
    7000218,
    `The request body must contain the following parameter: 'client_assertion' or 'client_secret'. Client '${app.clientId}' has to authenticate for this grant.`,
    401,
  );
}

/** Refuses a client that has a credential and did not authenticate with it, for any grant. */
export function assertProvenIfConfidential(client: AuthenticatedClient): void {
  if (hasCredential(client.app)) assertConfidential(client);
}

/** @throws {OAuthError} AADSTS7000215, or 7000222 for a secret that has expired */
function verifySecret(app: App, given: string, now: number): void {
  const { secret, secrets = [] } = app.registration;
  if (secret === undefined && secrets.length === 0) return;
  if (secret !== undefined && sameText(secret, given)) return;
  const known = secrets.find(({ value }) => sameText(value, given));
  if (known === undefined) {
    throw new OAuthError(
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.clientId}'.`,
      401,
    );
  }
  if (known.expires !== undefined && Date.parse(known.expires) <= now) {
    throw new OAuthError(
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${app.clientId}' are expired: since ${known.expires}.`,
      401,
    );
  }
}

function basicCredentials(header: string | null): { clientId: string; secret: string } | undefined {
  const match = /^basic ([a-z0-9+/]+=*)$/i.exec(header ?? '');
  if (match === null) return undefined;
  const [clientId = '', ...secret] = Buffer.from(match[1] ?? '', 'base64')
    .toString()
    .split(':');
  return { clientId: formDecoded(clientId), secret: formDecoded(secret.join(':')) };
}

/** Decodes one half of Basic credentials, which are form-encoded (RFC 6749, section 2.3.1). */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
