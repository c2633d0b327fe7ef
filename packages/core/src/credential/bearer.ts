import { CredentialError, type CredentialPlace } from '../base/errors.js';
import { type RequestLike, valuesOf } from './headers.js';

/**
 * Reads the credential of a request. It may not be one token: see {@link assertOneToken}.
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export type ReadCredential = (request: RequestLike) => string;

/** RFC 6750 section 2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`. */
export const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const BEARER = new RegExp(`^bearer +(${B64TOKEN.source.slice(1, -1)})$`, 'i');
/** The spelling of nearly all clients. */
const USUAL = 'Bearer ';
/** The scheme, which ends at the first space (RFC 9110 section 11.4). */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?= |$)/;

/**
 * Reads the access token from the `Authorization` header. Never reads the query (RFC 9700 section 4.3.2), the body or a
 * cookie.
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readBearerToken(request: RequestLike): string {
  const text = readBearerCredential(request);
  assertOneToken(text);
  return text;
}

/**
 * Reads what follows "Bearer" in the `Authorization` header. Does not check that it is one token: cached tokens are
 * recognised without that.
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readBearerCredential(request: RequestLike): string {
  const value = authorizationHeader(request);
  if (value === undefined) {
    throw new CredentialError({
      code: 'credentials_missing',
      message: 'The request has no Authorization header.',
      hint: 'The client has to send Authorization: Bearer <access token>. Browsers drop it on cross-origin redirects, and some proxies remove it.',
    });
  }
  if (value.startsWith(USUAL) && value[USUAL.length] !== ' ') return value.slice(USUAL.length);
  const token = BEARER.exec(value)?.[1];
  if (token !== undefined) return token;
  const scheme = SCHEME.exec(value)?.[0].toLowerCase();
  if (scheme !== undefined && scheme !== 'bearer') throw otherScheme(scheme);
  if (scheme !== undefined) throw notOneToken();
  throw malformed('The Authorization header does not begin with a scheme.');
}

/** @throws CredentialError `credentials_malformed` (400) if the text is not one token (RFC 6750 section 2.1) */
export function assertOneToken(text: string): void {
  if (!B64TOKEN.test(text)) throw notOneToken();
}

function notOneToken(): CredentialError {
  return malformed('After "Bearer" the Authorization header does not hold exactly one token.');
}

function authorizationHeader(request: RequestLike): string | undefined {
  // Node silently keeps the first of two Authorization headers in `headers`. A proxy may have read the other one.
  const raw = request?.rawHeaders ?? [];
  let count = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index];
    // Compares the length first, because this runs for every header of every request.
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  if (count > 1) throw malformed(`The request has ${count} Authorization headers.`);
  const values = valuesOf(request, 'authorization');
  if (typeof values !== 'object') return values;
  if (values.length > 1) throw malformed(`The request has ${values.length} Authorization headers.`);
  return values[0];
}

export function malformed(message: string, place: CredentialPlace = 'header'): CredentialError {
  return new CredentialError({
    code: 'credentials_malformed',
    place,
    message,
    hint: 'Send one header, one scheme, one token: Authorization: Bearer <access token>.',
  });
}

const BOUND: ReadonlySet<string> = new Set(['pop', 'dpop', 'mtls_pop']);
const REGISTERED: ReadonlySet<string> = new Set([
  'basic',
  'digest',
  'negotiate',
  'ntlm',
  'hoba',
  'mutual',
  'token',
  'apikey',
]);

function otherScheme(scheme: string): CredentialError {
  const bound = BOUND.has(scheme);
  // Does not show an unknown scheme, which may be a token or a secret.
  const named = bound || REGISTERED.has(scheme) ? `the scheme "${scheme}"` : 'another scheme';
  return new CredentialError({
    code: 'credentials_missing',
    message: `The Authorization header uses ${named}, not Bearer.`,
    hint: bound
      ? 'Tokens bound to a key are not accepted: the client has to ask Entra for a bearer token.'
      : 'The client has to send Authorization: Bearer <access token>.',
  });
}
