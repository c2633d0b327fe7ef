import { createHash, createPublicKey, timingSafeEqual } from 'node:crypto';
import type { App, Apps } from '../directory/apps.js';
import { decodeUnverifiedJwt, verifyRsa } from '../tokens/read-jwt.js';
import { OAuthError } from './oauth-error.js';

/** A client, and how it authenticated, as a value of `azpacr`. */
export interface AuthenticatedClient {
  readonly app: App;
  readonly credential: '0' | '1' | '2';
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Authenticates the client by its secret, in the body or a Basic header, or by its signed assertion. */
export function authenticateClient(
  apps: Apps,
  body: URLSearchParams,
  headers: Headers,
  now: number,
): AuthenticatedClient {
  const basic = basicCredentials(headers.get('authorization'));
  const clientId = body.get('client_id') ?? basic?.clientId;
  if (clientId === undefined) {
    throw new OAuthError(
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'client_id'.",
    );
  }
  const app = apps.registeredClient(clientId);
  const secret = body.get('client_secret') ?? basic?.secret;
  const assertion = body.get('client_assertion');
  if (assertion !== null) {
    if (body.get('client_assertion_type') !== assertionType) {
      throw new OAuthError('invalid_request', 900144, `'client_assertion_type' must be '${assertionType}'.`);
    }
    verifyAssertion(app, assertion, now);
    return { app, credential: '2' };
  }
  if (secret === undefined) return { app, credential: '0' };
  const known = app.registration.secret;
  if (known !== undefined && !equal(known, secret)) {
    throw new OAuthError(
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.clientId}'.`,
      401,
    );
  }
  return { app, credential: '1' };
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
  const { secret, certificate } = client.app.registration;
  if (secret !== undefined || certificate !== undefined) assertConfidential(client);
}

/** Verifies a client assertion with the registered certificate. An undeclared app has none: any assertion passes. */
function verifyAssertion(app: App, assertion: string, now: number): void {
  const { certificate } = app.registration;
  const invalid = (why: string) =>
    new OAuthError(
      'invalid_client',
      700027,
      `The client assertion of '${app.clientId}' is not valid: ${why}.`,
      401,
    );
  if (certificate === undefined) {
    if (app.told) throw invalid(`there is no apps.${app.name}.certificate to verify it with`);
    return;
  }
  const jwt = decodeUnverifiedJwt(assertion);
  if (jwt === undefined || (jwt.header.alg !== 'RS256' && jwt.header.alg !== 'PS256')) {
    throw invalid('it is not a JWT signed with RS256 or PS256');
  }
  if (!verifyRsa(jwt, createPublicKey(certificate))) throw invalid('it was signed with another key');
  const { iss, sub, exp } = jwt.payload;
  if (iss !== app.clientId || sub !== app.clientId) throw invalid('its iss and sub are not the client ID');
  if (typeof exp !== 'number' || exp * 1000 <= now) throw invalid('it has expired');
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

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
