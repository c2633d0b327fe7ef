import { CredentialError, type CredentialPlace } from '../base/errors.js';
import { type RequestLike, valuesOf } from './headers.js';

/** Judges a text that may be a token; `undefined` for what is none by its form. May throw. */
export type Attempt<Judged> = (text: string) => Judged | undefined;

/**
 * Reads the access token of a request.
 *
 * @param attempt asked ahead, so that nobody looks through a token twice: what it says is given in the place of the token
 */
export type ReadToken = <Judged = never>(request: RequestLike, attempt?: Attempt<Judged>) => string | Judged;

/** RFC 6750 section 2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`. */
export const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const BEARER = new RegExp(`^bearer +(${B64TOKEN.source.slice(1, -1)})$`, 'i');
/** How nearly all clients write it. */
const USUAL = 'Bearer ';
/** RFC 9110 section 11.4: what stands before the first space is the scheme. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?= |$)/;

/**
 * Reads the access token from the `Authorization` header, and from nowhere else: not from the query (RFC 9700 section
 * 4.3.2), not from the body, not from a cookie.
 *
 * @param attempt asked ahead of the form: who takes a token apart sees every character of it
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readBearerToken<Judged = never>(
  request: RequestLike,
  attempt?: Attempt<Judged>,
): string | Judged {
  const value = authorizationHeader(request);
  if (value === undefined) {
    throw new CredentialError({
      code: 'credentials_missing',
      message: 'The request has no Authorization header.',
      hint: 'The client has to send Authorization: Bearer <access token>. Browsers drop it on cross-origin redirects, and some proxies remove it.',
    });
  }
  const judged = value.startsWith(USUAL) ? attempt?.(value.slice(USUAL.length)) : undefined;
  if (judged !== undefined) return judged;
  const token = BEARER.exec(value)?.[1];
  if (token !== undefined) return token;
  const scheme = SCHEME.exec(value)?.[0].toLowerCase();
  if (scheme !== undefined && scheme !== 'bearer') throw otherScheme(scheme);
  throw malformed(
    scheme === undefined
      ? 'The Authorization header does not begin with a scheme.'
      : 'After "Bearer" the Authorization header does not hold exactly one token.',
  );
}

function authorizationHeader(request: RequestLike): string | undefined {
  // Node keeps the first of two Authorization headers in `headers` and says nothing; what another hop read may differ.
  const raw = request?.rawHeaders ?? [];
  let count = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index];
    // By its length first: every header of every request passes here.
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
  // What is no known scheme may be a token or a secret that somebody put in the scheme's place: it is not repeated.
  const named = bound || REGISTERED.has(scheme) ? `the scheme "${scheme}"` : 'another scheme';
  return new CredentialError({
    code: 'credentials_missing',
    message: `The Authorization header uses ${named}, not Bearer.`,
    hint: bound
      ? 'Tokens bound to a key are not accepted: the client has to ask Entra for a bearer token.'
      : 'The client has to send Authorization: Bearer <access token>.',
  });
}
